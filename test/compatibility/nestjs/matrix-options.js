export { limits, matrixOptions } from '../servers/matrix-options.js';
