import { describe, expect, it } from 'vitest';
import { eventText } from '../../../../../runtime/operate/dashboard/connection.js';
import { EventParser, type ServerEvent } from '../../../../../runtime/operate/dashboard/page/sse.js';

describe('server-sent events', () => {
  it('arrive whole, wherever the stream was cut', () => {
    const data = { name: 'a\nb\r\u2028 "c" </script> ünïcode 🙂' };
    const text = new TextDecoder().decode(eventText('update', data)) + new TextDecoder().decode(eventText('beat', { now: 1 }));
    for (let size = 1; size < text.length; size++) {
      const parser = new EventParser();
      const events: ServerEvent[] = [];
      for (let at = 0; at < text.length; at += size) events.push(...parser.push(text.slice(at, at + size)));
      expect(events.map(({ event }) => event)).toEqual(['update', 'beat']);
      expect(JSON.parse(events[0]?.data ?? '')).toEqual(data);
    }
  });

  it('may be comments, have several lines, other line ends, and no name', () => {
    const parser = new EventParser();
    expect(parser.push(': hello\r\n\r\ndata: a\r\ndata:b\r\n\r\nid: 7\nevent: x\n\ndata\n\n')).toEqual([
      { event: 'message', data: 'a\nb' },
      { event: 'message', data: '' },
    ]);
  });
});
