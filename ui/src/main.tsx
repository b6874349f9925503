import { render } from 'preact';
import { App } from './shell/app.tsx';
import { installKeyboard } from './shell/keyboard.ts';
import { connectLive } from './shell/live.ts';
import 'uplot/dist/uPlot.min.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/frame.css';
import './styles/overview.css';
import './styles/explore.css';
import './styles/graph.css';
import './styles/pipelines.css';

installKeyboard();
connectLive();
render(<App />, document.querySelector('#app') as HTMLElement);
