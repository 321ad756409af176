import { driveApp } from './drive-app.ts';

driveApp('apollo-react');
