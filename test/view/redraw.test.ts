import { expect, test } from 'vitest';
import { NO_FRAME, nextFrame } from '../../src/view/redraw.ts';

test('nextFrame() goes up by the lines of the frame before, and clears what is left of it', () => {
  const first = nextFrame(NO_FRAME, 'one\ntwo\nthree', 80);
  expect(first.frame.lines).toBe(3);
  const second = nextFrame(first.frame, 'one', 80);
  expect(second.output).toBe('\u001b[3A\r\u001b[2Kone\n\u001b[2K\n\u001b[2K\n\u001b[2A');
});

test('nextFrame() cuts lines at the width of the terminal, without counting colours', () => {
  const { output } = nextFrame(NO_FRAME, '\u001b[31mabcdef\u001b[39m', 4);
  expect(output).toContain('\u001b[31mabc\u001b[39m…\n');
  expect(nextFrame(NO_FRAME, '\u001b[31mabcd\u001b[39m', 4).output).toContain('\u001b[31mabcd\u001b[39m\n');
});
