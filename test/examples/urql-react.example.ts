import { describeApp } from './describe-app.ts';

describeApp('urql-react');
