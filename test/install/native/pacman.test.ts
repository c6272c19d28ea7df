import { describeManager } from './suite.ts';

describeManager('pacman');
