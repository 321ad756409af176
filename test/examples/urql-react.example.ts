import { driveApp } from './drive-app.ts';

driveApp('urql-react');
