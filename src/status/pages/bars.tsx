import { sayDuration } from '../../lib/duration.ts';
import type { Bars } from '../bars.ts';
import { sayComponent } from '../words.ts';
import { toneOf } from './lines.tsx';

/** The last 90 days of a component: a picture, the same in one sentence for who cannot see it, and the bad days in words to open. */
export function BarRow({ name, bars }: { name: string; bars: Bars }) {
  const bad = bars.days.filter(({ worst }) => worst !== 'operational');
  const sentence = `${name}: ${bars.days.length} days, ${bad.length === 0 ? 'none' : bad.length} with trouble, ${sayUptime(bars.uptime)} uptime`;
  return (
    <>
      <svg class="bars" viewBox={`0 0 ${bars.days.length * 4 - 1} 24`} preserveAspectRatio="none" role="img" aria-label={sentence}>
        {bars.days.map(({ worst, day, out }, n) => (
          <rect class={toneOf(worst)} x={n * 4} y={worst === 'operational' ? 4 : 0} width="3" height={worst === 'operational' ? 20 : 24}>
            <title>{`${day}: ${sayComponent(worst)}${out > 0 ? `, ${sayDuration(out)}` : ''}`}</title>
          </rect>
        ))}
      </svg>
      <p class="scale soft">
        <span>{bars.days.length} days ago</span> <span>{sayUptime(bars.uptime)} uptime</span> <span>today</span>
      </p>
      {bad.length > 0 && (
        <details>
          <summary>{bad.length === 1 ? 'One day with trouble' : `${bad.length} days with trouble`}</summary>
          <ul>
            {bad.reverse().map(({ day, worst, out }) => (
              <li>
                {day}: {sayComponent(worst)}
                {out > 0 && `, ${sayDuration(out)}`}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

/** Never rounded up to what it was not. */
const sayUptime = (percent: number): string => `${percent >= 100 ? '100' : (Math.floor(percent * 100) / 100).toFixed(2)} %`;
