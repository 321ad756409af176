import { describeApp } from './describe-app.ts';

describeApp('apollo-react');
