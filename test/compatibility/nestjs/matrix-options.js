export { matrixOptions } from '../servers/matrix-options.js';
