/** The page's style: light or dark according to the reader's system, from a width of 320 pixels. */
export const STYLE = `
:root{color-scheme:light dark;--bg:#fbfbfa;--card:#fff;--text:#1d2126;--soft:#5c6670;--rule:#dfe3e6;--band:#f1e9d8;
--served:#86c9a8;--fallback:#4a83d4;--failed:#c93a46;--blocked:#b25e00;--calls:#1d2126;--attempts:#8a5cc9;--true:#e9b9a8;--seen:#b3362f;
--closed:#8fcfb0;--open:#d64550;--half:#f0b429;--p50:#4a83d4;--p99:#8a3f9c;--good:#1d7a52;--bad:#b3362f}
@media(prefers-color-scheme:dark){:root{--bg:#14171a;--card:#1b1f24;--text:#e6e9ec;--soft:#9aa5b0;--rule:#31373e;--band:#2b281f;
--served:#2c6e51;--fallback:#5b8fd9;--failed:#e5636d;--blocked:#ffb45c;--calls:#f2f4f6;--attempts:#b592ea;--true:#6b3f37;--seen:#ff8a7d;
--closed:#2c6e51;--open:#d9505a;--half:#f0b429;--p50:#7fb0f2;--p99:#d08be0;--good:#5fc79a;--bad:#ff8a7d}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--text);font:15px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:1100px;margin:0 auto;padding:1.25rem 1rem 3rem}
h1{font-size:1.5rem;line-height:1.2;margin:0 0 .25rem;text-wrap:balance}
h2{font-size:1.2rem;margin:2rem 0 .5rem;padding-top:1rem;border-top:1px solid var(--rule)}
h3{font-size:1rem;margin:1.5rem 0 .5rem}
p{margin:.25rem 0;overflow-wrap:anywhere}
.soft,.unit{color:var(--soft)}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(max(8.2rem,22%),1fr));gap:.5rem;margin:.75rem 0 1rem;padding:0;list-style:none}
.cards li{background:var(--card);border:1px solid var(--rule);border-radius:.5rem;padding:.5rem .7rem}
.cards b{display:block;font-size:1.25rem;line-height:1.3;font-variant-numeric:tabular-nums}
.cards span{color:var(--soft);font-size:.82rem}
.plot{display:grid;grid-template-columns:3.6rem minmax(0,1fr);margin:0 0 .9rem}
figcaption{grid-column:1/-1;display:flex;flex-wrap:wrap;align-items:baseline;gap:0 .75rem;font-size:.85rem;margin-bottom:.25rem}
figcaption b{font-weight:600}
figcaption ul{display:flex;flex-wrap:wrap;gap:0 .8rem;list-style:none;margin:0;padding:0;color:var(--soft)}
.key{display:inline-block;width:.75rem;height:.75rem;border-radius:2px;margin-right:.3rem;vertical-align:-1px;background:var(--c)}
.key.calls,.key.blocked,.key.attempts,.key.seen,.key.p50,.key.p99{width:1.2rem;height:0;border-radius:0;background:none;border-top:2.5px solid var(--c);vertical-align:3px}
.key.blocked{border-top-style:dashed}.key.attempts{border-top-style:dotted}
.plot svg{grid-column:2;display:block;width:100%;background:var(--card);border:1px solid var(--rule);border-radius:3px}
.y{position:relative;font-size:.72rem;color:var(--soft);font-variant-numeric:tabular-nums}
.y span{position:absolute;right:.4rem;transform:translateY(-50%);white-space:nowrap}
.x{grid-column:2;position:relative;height:1.1rem;font-size:.72rem;color:var(--soft);font-variant-numeric:tabular-nums;margin-top:.15rem}
.x span{position:absolute;transform:translateX(-50%)}
.x .edge{transform:none}
.phases{font-size:.85rem;color:var(--soft);margin:.5rem 0 .6rem}
.phases ol{margin:0;padding-left:1.6rem}
.when{font-variant-numeric:tabular-nums;color:var(--text)}
.strip{margin-bottom:.6rem}
.strip .marks{position:relative;height:1.35rem}
.strip .marks span{position:absolute;top:0;bottom:0;min-width:3px;background:var(--band);border-left:2px solid var(--soft);overflow:hidden;font-size:.75rem;padding-left:.15rem}
.band{fill:var(--band)}
.grid{stroke:var(--rule);stroke-width:1;vector-effect:non-scaling-stroke;fill:none}
.line{fill:none;stroke:var(--c);stroke-width:1.6;vector-effect:non-scaling-stroke;stroke-linejoin:round}
.line.calls{stroke-width:1;stroke-opacity:.75}.line.seen{stroke-width:2.2;stroke-linecap:round}
.line.blocked{stroke-dasharray:6 3;stroke-width:2}.line.attempts{stroke-dasharray:1.5 3;stroke-width:1.6}
.area,.state{fill:var(--c)}
.hover{fill:transparent}.hover:hover{fill:var(--text);fill-opacity:.08}
.served{--c:var(--served)}.fallback{--c:var(--fallback)}.failed{--c:var(--failed)}.blocked{--c:var(--blocked)}.calls{--c:var(--calls)}
.attempts{--c:var(--attempts)}.true{--c:var(--true)}.seen{--c:var(--seen)}.p50{--c:var(--p50)}.p99{--c:var(--p99)}
.closed,.forced_closed,.metrics_only{--c:var(--closed)}.open,.forced_open{--c:var(--open)}.half_open{--c:var(--half)}
.wide{overflow-x:auto;margin:.5rem 0}
table{border-collapse:collapse;font-size:.85rem;font-variant-numeric:tabular-nums}
th,td{padding:.25rem .7rem .25rem 0;text-align:right;white-space:nowrap;border-bottom:1px solid var(--rule)}
th:first-child,td:first-child{text-align:left}
th{font-weight:600;color:var(--soft);vertical-align:bottom}
td.in{padding-left:1rem}
.log td:nth-child(n){text-align:left}.log td:last-child{white-space:normal}
.win{color:var(--good);font-weight:600}
details{margin:.5rem 0}
summary{cursor:pointer;color:var(--soft)}
.sides{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));gap:0 2rem}
.sides>section{min-width:0}
`;
