// Made by `npm run page` from the files in page/. Do not edit.

/** Digests by which the policy of the page allows its script and its style, and no other. */
export const SCRIPT_DIGEST = 'sha256-9V1R8GZ++lPAlXVoPJQBUucLCa8shzvZwnPZ7xcr/5Q=';
export const STYLE_DIGEST = 'sha256-Ttt54DmUOUau1h3DuV/+BqU4jlRbsm53u3Jmn6O6tGU=';

/** The page. */
export const PAGE: string = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>Circuits</title>
<link rel="icon" id="favicon" href="data:,">
<style>
/* Colours, type and the plain elements. Each colour is said once, for light and dark. */
:root {
  color-scheme: light dark;
  --ground: light-dark(#f4f5f7, #0e1217);
  --surface: light-dark(#ffffff, #151b22);
  --raised: light-dark(#fafbfc, #1a2129);
  --line: light-dark(#e2e6eb, #262f39);
  --line-strong: light-dark(#c6cdd6, #3a4552);
  --text: light-dark(#17202b, #e3e8ee);
  --muted: light-dark(#566272, #98a4b3);
  --accent: light-dark(#2256c7, #7eaaff);
  --on-accent: light-dark(#ffffff, #0b1220);
  --down: light-dark(#b3261e, #ff8a80);
  --down-solid: light-dark(#d03a2b, #ef5b4c);
  --down-tint: light-dark(#fdf0ee, #2a1618);
  --warn: light-dark(#8a5200, #f2b84b);
  --warn-solid: light-dark(#d98a00, #e0a02e);
  --warn-tint: light-dark(#fdf6e7, #272012);
  --ok: light-dark(#1c7046, #6fcf97);
  --ok-solid: light-dark(#3fa56d, #3f9d6b);
  --ok-tint: light-dark(#eff8f2, #12211a);
  --held: light-dark(#5d3fb0, #b7a3f5);
  --held-solid: light-dark(#8468d8, #8f78dd);
  --held-tint: light-dark(#f5f2fc, #1e1a2d);
  --bar: light-dark(#c3cfdd, #3b4a5c);
  --radius: 8px;
  font:
    14px / 1.45 system-ui,
    -apple-system,
    "Segoe UI",
    Roboto,
    "Helvetica Neue",
    Arial,
    sans-serif;
  font-variant-numeric: tabular-nums;
}
:root[data-theme="light"] {
  color-scheme: light;
}
:root[data-theme="dark"] {
  color-scheme: dark;
}

*,
*::before,
*::after {
  box-sizing: border-box;
}
[hidden] {
  display: none !important;
}
body {
  margin: 0;
  background: var(--ground);
  color: var(--text);
}
h1,
h2,
h3,
p,
ul,
ol,
dl,
dd,
fieldset {
  margin: 0;
  padding: 0;
  border: 0;
}
ul,
ol {
  list-style: none;
}
h2 {
  font-size: 14px;
  font-weight: 650;
}
h3 {
  font-size: 12px;
  font-weight: 650;
  color: var(--muted);
}
.note {
  color: var(--muted);
  font-weight: 400;
}
.unseen {
  position: absolute;
  width: 1px;
  height: 1px;
  margin: -1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}
.sprite {
  position: absolute;
  width: 0;
  height: 0;
}
.skip {
  position: absolute;
  left: 8px;
  top: -60px;
  z-index: 9;
  padding: 8px 14px;
  background: var(--surface);
  color: var(--accent);
  border-radius: 6px;
}
.skip:focus {
  top: 8px;
}

.icon {
  width: 16px;
  height: 16px;
  flex: none;
  color: inherit;
}
.icon,
.mark {
  fill: none;
  stroke: none;
}
.stroke {
  fill: none;
  stroke: currentColor;
  stroke-width: 1.7;
  stroke-linecap: round;
  stroke-linejoin: round;
}
.ring {
  fill: none;
  stroke: currentColor;
  stroke-width: 1.5;
}
.cut {
  fill: none;
  stroke: var(--surface);
  stroke-width: 1.7;
  stroke-linecap: round;
}

button,
input,
select {
  font: inherit;
  color: inherit;
}
button {
  cursor: pointer;
}
button:disabled {
  cursor: default;
  opacity: 0.6;
}
:focus-visible {
  outline: 2px solid var(--accent);
  outline-offset: 2px;
  border-radius: 4px;
}
:focus:not(:focus-visible) {
  outline: none;
}
.quiet {
  padding: 4px 10px;
  border: 1px solid var(--line-strong);
  border-radius: 6px;
  background: var(--surface);
  font-size: 13px;
  white-space: nowrap;
}
.quiet:hover {
  background: var(--raised);
  border-color: var(--muted);
}
.primary {
  padding: 7px 14px;
  border: 1px solid var(--accent);
  border-radius: 6px;
  background: var(--accent);
  color: var(--on-accent);
  font-weight: 600;
}
.primary:hover {
  filter: brightness(1.08);
}
.plain {
  padding: 0;
  border: 0;
  background: none;
  color: inherit;
  font-weight: 600;
  text-align: left;
  overflow-wrap: anywhere;
}
.plain:hover {
  text-decoration: underline;
}
input[type="search"],
input[type="password"],
select {
  padding: 5px 9px;
  border: 1px solid var(--line-strong);
  border-radius: 6px;
  background: var(--surface);
  font-size: 13px;
}
::placeholder {
  color: var(--muted);
  opacity: 1;
}
.error {
  color: var(--down);
  font-weight: 600;
}
.error:empty {
  display: none;
}

/* Where there is nothing to unlock, nothing pretends to be an action. */
.no-actions .action,
.no-actions #reset-all {
  display: none;
}

@media (prefers-reduced-motion: reduce) {
  *,
  *::before,
  *::after {
    animation: none !important;
    transition: none !important;
    scroll-behavior: auto !important;
  }
}

/* The colour of a standing, wherever it is shown: of shapes, and of text. Never the only sign of it. */
[data-standing="open"],
[data-standing="blocked"],
[data-group="down"] {
  --mark: var(--down-solid);
  --mark-text: var(--down);
}

[data-standing="probing"],
[data-standing="failing"],
[data-standing="ramping"],
[data-group="probing"],
[data-group="failing"] {
  --mark: var(--warn-solid);
  --mark-text: var(--warn);
}

[data-standing="forced-open"],
[data-standing="forced-closed"],
[data-standing="metrics-only"],
[data-standing="off"],
[data-group="forced"] {
  --mark: var(--held-solid);
  --mark-text: var(--held);
}

[data-standing="closed"],
[data-group="closed"] {
  --mark: var(--ok-solid);
  --mark-text: var(--muted);
}

.suffix {
  color: var(--muted);
  font-weight: 400;
}
/* Header and columns. */
.top {
  display: flex;
  flex-wrap: wrap;
  gap: 6px 16px;
  align-items: center;
  padding: 10px 24px;
  border-bottom: 1px solid var(--line);
  background: var(--surface);
}

.brand {
  display: flex;
  gap: 9px;
  align-items: center;
  min-width: 0;
}

.mark {
  width: 24px;
  height: 24px;
  color: var(--accent);
}

.brand .name {
  font-size: 15px;
  font-weight: 700;
  letter-spacing: -0.01em;
}

.instance {
  color: var(--muted);
  font-size: 13px;
  overflow-wrap: anywhere;
}

.instance:not(:empty)::before {
  content: "/";
  margin-right: 9px;
  color: var(--line-strong);
}

.tools {
  display: flex;
  flex-wrap: wrap;
  gap: 8px;
  align-items: center;
  margin-left: auto;
}

.link {
  display: flex;
  gap: 7px;
  align-items: center;
  margin-right: 6px;
  font-size: 13px;
  color: var(--muted);
}

.link .dot {
  width: 8px;
  height: 8px;
  border-radius: 50%;
  background: var(--muted);
}

.link[data-link="live"] .dot {
  background: var(--ok-solid);
}

.link[data-link="lost"] {
  padding: 3px 10px;
  border-radius: 99px;
  background: var(--warn-tint);
  color: var(--warn);
  font-weight: 600;
}

.link[data-link="lost"] .dot {
  border-radius: 1px;
  background: var(--warn-solid);
}

main {
  padding: 16px 24px 40px;
  max-width: 1760px;
  margin: 0 auto;
}

#content {
  display: flex;
  flex-direction: column;
  gap: 14px;
}

.columns {
  display: grid;
  grid-template-columns: minmax(0, 1fr) 288px;
  gap: 18px;
  align-items: start;
}

.list,
.rail {
  border: 1px solid var(--line);
  border-radius: var(--radius);
  background: var(--surface);
}

/* Old data looks old, and stays readable. */
.is-stale :is(.banner, .list, .rail) {
  border-style: dashed dashed dashed solid;
  border-color: var(--warn-solid);
}

.is-stale :is(.strip, .spark) {
  opacity: 0.5;
}
/* What is wrong now. */
.banner {
  --ground: var(--surface);
  border: 1px solid var(--line);
  border-left: 4px solid var(--ok-solid);
  border-radius: var(--radius);
  background: var(--ground);
  overflow: hidden;
}

.banner[data-level="down"] {
  --ground: var(--down-tint);
  border-color: color-mix(in srgb, var(--down-solid) 40%, var(--line));
  border-left-color: var(--down-solid);
}

.banner[data-level="warn"] {
  --ground: var(--warn-tint);
  border-color: color-mix(in srgb, var(--warn-solid) 40%, var(--line));
  border-left-color: var(--warn-solid);
}

.banner li {
  display: flex;
  gap: 13px;
  align-items: center;
  padding: 10px 14px;
}

.banner li + li {
  border-top: 1px solid color-mix(in srgb, var(--line-strong) 50%, transparent);
}

.banner li > .icon {
  width: 24px;
  height: 24px;
  color: var(--mark);
}

.banner .cut {
  stroke: var(--ground);
}

.banner .says {
  flex: 1;
  min-width: 0;
  overflow-wrap: anywhere;
}

.banner .head {
  font-size: 17px;
  line-height: 1.35;
  letter-spacing: -0.01em;
}

.banner .next {
  font-weight: 650;
}

.banner .suffix {
  font-size: 14px;
}

.banner .buttons {
  display: flex;
  gap: 6px;
}

.banner li[data-standing="failing"] .head {
  font-size: 14px;
  font-weight: 600;
}

.banner[data-many="true"] .problem .head {
  font-size: 14px;
}

.banner[data-many="true"] .problem > .icon {
  width: 18px;
  height: 18px;
  margin: 0 3px;
}
/* Filters, sums, search and sorting. */
.filters {
  display: flex;
  flex-wrap: wrap;
  gap: 10px 24px;
  align-items: center;
  justify-content: space-between;
}

.tiles {
  display: flex;
  flex-wrap: wrap;
  gap: 6px;
}

.tiles label {
  display: flex;
  gap: 7px;
  align-items: center;
  padding: 5px 12px;
  border: 1px solid var(--line);
  border-radius: 99px;
  background: var(--surface);
  font-size: 13px;
  cursor: pointer;
}

.tiles input {
  position: absolute;
  opacity: 0;
  pointer-events: none;
}

.tiles label:hover {
  border-color: var(--line-strong);
}

.tiles label:has(:checked) {
  border-color: var(--accent);
  box-shadow: inset 0 0 0 1px var(--accent);
}

.tiles label:has(:focus-visible) {
  outline: 2px solid var(--accent);
  outline-offset: 2px;
}

.tiles .none {
  color: var(--muted);
}

.tiles .icon {
  width: 14px;
  height: 14px;
}

.tiles label:not(.none) .icon {
  color: var(--mark);
}

.sums {
  display: flex;
  gap: 22px;
}

.sums div {
  display: flex;
  gap: 6px;
  align-items: baseline;
}

.sums dd {
  font-size: 17px;
  font-weight: 650;
  letter-spacing: -0.01em;
}

.sums dt {
  color: var(--muted);
  font-size: 13px;
}

.bar {
  display: flex;
  flex-wrap: wrap;
  gap: 8px 12px;
  align-items: center;
  padding: 9px 14px;
  border-bottom: 1px solid var(--line);
  min-height: 51px;
}

.bar h2 {
  flex: 1;
  white-space: nowrap;
}

.search {
  position: relative;
}

.search .icon {
  position: absolute;
  left: 9px;
  top: 8px;
  color: var(--muted);
}

.search input {
  width: 240px;
  padding-left: 31px;
}

.search kbd {
  position: absolute;
  right: 8px;
  top: 5px;
  padding: 0 6px;
  border: 1px solid var(--line);
  border-radius: 4px;
  color: var(--muted);
  font: inherit;
  font-size: 12px;
}

.search:focus-within kbd,
.search input:not(:placeholder-shown) + kbd {
  display: none;
}

.sort {
  display: flex;
  gap: 6px;
  align-items: center;
  color: var(--muted);
  font-size: 13px;
}

.sort select {
  color: var(--text);
}

.nothing {
  padding: 40px 14px;
  text-align: center;
  color: var(--muted);
}
/* The circuits. */
.circuits {
  width: 100%;
  border-collapse: collapse;
  table-layout: fixed;
}

.circuits > thead th {
  position: sticky;
  top: 0;
  z-index: 2;
  padding: 0;
  background: var(--surface);
  box-shadow: inset 0 -1px var(--line);
  text-align: left;
}

.circuits > thead button {
  width: 100%;
  padding: 7px 5px;
  border: 0;
  background: none;
  color: var(--muted);
  font-size: 12px;
  font-weight: 600;
  text-align: inherit;
  white-space: nowrap;
}

.circuits > thead button:hover,
.circuits > thead [aria-sort="ascending"] button,
.circuits > thead [aria-sort="descending"] button {
  color: var(--text);
}

.circuits > thead [aria-sort="descending"] button::after {
  content: " ↓";
}

.circuits > thead [aria-sort="ascending"] button::after {
  content: " ↑";
}

.circuits > thead .state {
  width: 126px;
}

.circuits > thead .past {
  width: 104px;
}

.circuits > thead .rate {
  width: 100px;
}

.circuits > thead .share,
.circuits > thead .quantile {
  width: 64px;
}

.circuits > thead .errors {
  width: 128px;
}

.circuits > thead .num,
.num {
  text-align: right;
  white-space: nowrap;
}

.line > * {
  padding: 7px 5px;
  border-top: 1px solid var(--line);
  vertical-align: middle;
  text-align: left;
  font-weight: 400;
}

.line > .num {
  text-align: right;
}

.line > .name,
.circuits > thead .name button {
  padding-left: 14px;
}

.circuit:hover :is(.line, .why) > *,
.is-open :is(.line, .why) > * {
  background: var(--raised);
}

/* A stripe at the edge of what is not well. */
.circuit:not([data-standing="closed"], [data-standing="off"]) :is(.line > .name, .why > td) {
  box-shadow: inset 3px 0 var(--mark);
}

.expander {
  display: flex;
  gap: 6px;
  align-items: center;
  max-width: 100%;
  padding: 0;
  border: 0;
  background: none;
  font-weight: 600;
  text-align: left;
}

.expander > span {
  overflow: hidden;
  text-overflow: ellipsis;
  white-space: nowrap;
}

.expander .icon {
  width: 14px;
  height: 14px;
  color: var(--muted);
  transition: rotate 0.12s;
}

.expander[aria-expanded="true"] .icon {
  rotate: 90deg;
}

/* Of what is not well the whole name is worth its lines: circuits of one service differ at its end. */
.is-open .expander > span,
.circuit:not([data-standing="closed"], [data-standing="off"]) .expander > span {
  white-space: normal;
  overflow-wrap: anywhere;
}

.service {
  display: block;
  padding-left: 20px;
  overflow: hidden;
  color: var(--muted);
  font-size: 12px;
  text-overflow: ellipsis;
  white-space: nowrap;
}

.why > td {
  padding: 0 14px 9px 34px;
  color: var(--muted);
  font-size: 13px;
}

.state {
  white-space: nowrap;
}

.badge {
  display: inline-flex;
  gap: 7px;
  align-items: center;
  color: var(--mark-text);
}

.badge .icon {
  color: var(--mark);
}

.circuit:not([data-standing="closed"], [data-standing="off"]) .word {
  font-weight: 650;
}

.time {
  display: block;
  padding-left: 23px;
  color: var(--muted);
  font-size: 12px;
}

.time:empty {
  display: none;
}

.strip {
  display: block;
  width: 100%;
  height: 20px;
}

.spark {
  width: 48px;
  height: 20px;
  margin-right: 7px;
  vertical-align: middle;
}

.quantile {
  color: var(--muted);
}

.failed.notable {
  color: var(--down);
  font-weight: 650;
}

.line > .errors {
  padding-block: 3px;
}

.chip {
  display: block;
  overflow: hidden;
  color: var(--muted);
  font-size: 12px;
  line-height: 16px;
  text-overflow: ellipsis;
  white-space: nowrap;
}
/* The strip of a circuit's past and the course of its attempts. */
.s-closed {
  fill: var(--ok-solid);
  opacity: 0.5;
}

.s-probing {
  fill: var(--warn-solid);
}

.s-open {
  fill: var(--down-solid);
}

.s-held {
  fill: var(--held-solid);
}

.s-requests {
  fill: var(--bar);
}

.s-failures {
  fill: var(--down-solid);
}
/* What a row shows when it is opened. */
.more > td {
  padding: 4px 14px 16px 34px;
  background: var(--raised);
}

.detail {
  display: grid;
  grid-template-columns: repeat(3, minmax(0, 1fr));
  gap: 16px 28px;
}

.detail .wide {
  grid-column: 1 / -1;
}

.detail h3 {
  margin-bottom: 6px;
}

.detail .buttons {
  grid-column: 1 / -1;
  display: flex;
  flex-wrap: wrap;
  gap: 8px;
}

.answers li {
  display: grid;
  grid-template-columns: 1fr auto;
  gap: 2px 8px;
  margin-bottom: 6px;
  font-size: 13px;
}

.answers b {
  font-weight: 600;
}

.answers meter {
  grid-column: 1 / -1;
  width: 100%;
  height: 5px;
  border: 0;
  background: var(--line);
  border-radius: 3px;
  appearance: none;
}

.answers meter::-webkit-meter-bar {
  height: 5px;
  border: 0;
  border-radius: 3px;
  background: var(--line);
}

.answers meter::-webkit-meter-optimum-value {
  border-radius: 3px;
  background: var(--ok-solid);
}

.answers meter::-moz-meter-bar {
  border-radius: 3px;
  background: var(--ok-solid);
}

.answers .fallback::-webkit-meter-optimum-value {
  background: var(--held-solid);
}

.answers .fallback::-moz-meter-bar {
  background: var(--held-solid);
}

.answers .error::-webkit-meter-optimum-value {
  background: var(--down-solid);
}

.answers .error::-moz-meter-bar {
  background: var(--down-solid);
}

.small {
  width: 100%;
  border-collapse: collapse;
  font-size: 13px;
}

.small th {
  padding: 2px 8px 2px 0;
  font-weight: 400;
  text-align: left;
  overflow-wrap: anywhere;
}

.small td {
  padding: 2px 0 2px 8px;
}

.small thead th {
  color: var(--muted);
  font-size: 12px;
  border-bottom: 1px solid var(--line);
}

.small thead th:not(:first-child) {
  padding: 2px 0 2px 8px;
  text-align: right;
}

.facts > div {
  display: flex;
  gap: 8px;
  justify-content: space-between;
  padding: 1px 0;
  font-size: 13px;
}

.facts dt {
  color: var(--muted);
  white-space: nowrap;
}

.facts dd {
  text-align: right;
  overflow-wrap: anywhere;
}
/* The timeline. */
.rail {
  position: sticky;
  top: 12px;
  display: flex;
  flex-direction: column;
  max-height: calc(100vh - 24px);
}

#timeline {
  padding: 6px 0;
  overflow: auto;
}

#timeline li {
  display: grid;
  grid-template-columns: 14px minmax(0, 1fr);
  gap: 0 9px;
  padding: 6px 14px;
  font-size: 13px;
}

#timeline li > .icon {
  grid-row: 1 / 3;
  width: 14px;
  height: 14px;
  margin-top: 2px;
  color: var(--mark);
}

#timeline time {
  color: var(--muted);
  font-size: 12px;
}

#timeline .text {
  overflow-wrap: anywhere;
}

#timeline-empty {
  padding: 14px;
  font-size: 13px;
}
/* What asks and what answers: sign-in, dialog, and the note of what was done. */
.signin {
  max-width: 420px;
  margin: 9vh auto 0;
  padding: 24px;
  border: 1px solid var(--line);
  border-radius: 12px;
  background: var(--surface);
}

.signin h2 {
  font-size: 18px;
}

:is(.signin, dialog) form {
  display: grid;
  gap: 12px;
}

:is(.signin, dialog) label {
  font-size: 13px;
  font-weight: 600;
}

:is(.signin, dialog) input[type="password"] {
  width: 100%;
  padding: 8px 10px;
  font-size: 14px;
}

:is(.signin, dialog) .check {
  display: flex;
  gap: 8px;
  align-items: center;
  font-weight: 400;
  color: var(--muted);
}

:is(.signin, dialog) p {
  color: var(--muted);
}

:is(.signin, dialog) p.error {
  color: var(--down);
}

dialog {
  width: min(440px, calc(100vw - 32px));
  padding: 22px;
  border: 1px solid var(--line-strong);
  border-radius: 12px;
  background: var(--surface);
  color: var(--text);
  box-shadow: 0 18px 60px rgb(0 0 0 / 0.28);
}

dialog::backdrop {
  background: rgb(10 14 20 / 0.45);
}

dialog h2 {
  font-size: 17px;
  overflow-wrap: anywhere;
}

#dialog-token-part {
  display: grid;
  gap: 8px;
}

dialog .buttons {
  display: flex;
  gap: 8px;
  justify-content: flex-end;
}

dialog .buttons .quiet {
  padding: 7px 14px;
}

dialog .primary {
  overflow-wrap: anywhere;
}

.toast {
  position: fixed;
  right: 20px;
  bottom: 20px;
  max-width: min(440px, calc(100vw - 40px));
  padding: 10px 16px;
  border-radius: var(--radius);
  background: var(--text);
  color: var(--surface);
  overflow-wrap: anywhere;
  animation: rise 0.2s ease-out;
}

.toast.failed {
  background: var(--down-solid);
  color: #fff;
}

.toast:empty {
  display: none;
}

@keyframes rise {
  from {
    transform: translateY(8px);
    opacity: 0;
  }
}
/* Windows of other sizes. Wide ones give the pictures room. */
@media (min-width: 1480px) {
  .columns {
    grid-template-columns: minmax(0, 1fr) 330px;
  }
  .circuits > thead .past {
    width: 190px;
  }
  .circuits > thead .rate {
    width: 158px;
  }
  .circuits > thead :is(.share, .quantile) {
    width: 76px;
  }
  .circuits > thead .errors {
    width: 190px;
  }
  .line > .errors {
    padding-left: 20px;
  }
  .circuits > thead .errors button {
    padding-left: 20px;
  }
  .spark {
    width: 96px;
  }
}

/* Narrow windows: the timeline goes below, and on a phone each circuit is a card. */
@media (max-width: 1180px) {
  .columns {
    grid-template-columns: minmax(0, 1fr);
  }
  .rail {
    position: static;
    max-height: 420px;
  }
}

@media (max-width: 900px) {
  .top {
    padding: 9px 12px;
  }
  .tools {
    gap: 6px;
    margin-left: 0;
  }
  .tools .quiet {
    padding: 3px 8px;
    font-size: 12px;
  }
  main {
    padding: 12px 12px 32px;
  }
  .banner li {
    flex-wrap: wrap;
  }
  .banner .says {
    flex-basis: calc(100% - 40px);
  }
  .banner .buttons {
    padding-left: 37px;
  }
  .sums {
    gap: 18px;
  }
  .search {
    flex: 1 1 100%;
    order: 3;
  }
  .search input {
    width: 100%;
  }
  .search kbd {
    display: none;
  }
  .sort {
    flex: 1;
    order: 4;
  }
  .sort select {
    flex: 1;
  }

  .circuits,
  .circuit,
  .circuits :is(.why, .more),
  .circuits :is(.why, .more) > td {
    display: block;
  }
  .circuits > thead {
    display: none;
  }
  .circuit + .circuit {
    border-top: 1px solid var(--line);
  }
  .circuit:not([data-standing="closed"], [data-standing="off"]) {
    box-shadow: inset 3px 0 var(--mark);
  }
  .circuit:not([data-standing="closed"], [data-standing="off"]) :is(.line > .name, .why > td) {
    box-shadow: none;
  }
  .line {
    display: grid;
    grid-template-columns: repeat(5, minmax(0, 1fr));
    gap: 5px 8px;
    padding: 10px 14px;
  }
  .line > * {
    padding: 0;
    border: 0;
  }
  .circuit:hover :is(.line, .why) > *,
  .is-open :is(.line, .why) > * {
    background: none;
  }
  .is-open {
    background: var(--raised);
  }
  .line > .name {
    grid-column: 1 / 4;
    padding: 0;
  }
  .line > .state {
    grid-row: 1;
    grid-column: 4 / 6;
    text-align: right;
    white-space: normal;
  }
  .state .time {
    padding: 0;
  }
  .line > .past {
    grid-column: 1 / -1;
  }
  .line > .num {
    text-align: left;
  }
  .line > .num::before {
    display: block;
    color: var(--muted);
    content: attr(data-label);
    font-size: 11px;
    font-weight: 400;
  }
  .line > .errors {
    display: block;
    grid-column: 1 / -1;
  }
  .line > .errors:empty {
    display: none;
  }
  .chip {
    display: inline;
    margin-right: 10px;
  }
  .spark {
    display: none;
  }
  .circuits .why > td {
    padding: 0 14px 10px;
  }
  .circuits .more > td {
    padding: 8px 14px 14px;
  }
  .detail {
    grid-template-columns: minmax(0, 1fr);
  }
  .detail .wide {
    overflow-x: auto;
  }
}
</style>
</head>
<body>
<svg class="sprite" aria-hidden="true" focusable="false">
  <symbol id="i-open" viewBox="0 0 16 16"><path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z" fill="currentColor"/><path d="M5.5 5.5l5 5m0-5l-5 5" class="cut"/></symbol>
  <symbol id="i-probing" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6.2" class="ring"/><path d="M8 1.8a6.2 6.2 0 0 1 0 12.4z" fill="currentColor"/></symbol>
  <symbol id="i-closed" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6.2" class="ring"/><path d="M5 8.2l2.2 2.2L11.2 6" class="stroke"/></symbol>
  <symbol id="i-warning" viewBox="0 0 16 16"><path d="M8 1.4l7 12.8H1z" fill="currentColor"/><path d="M8 6v4m0 1.4v1.3" class="cut"/></symbol>
  <symbol id="i-held" viewBox="0 0 16 16"><path d="M4.8 7V5a3.2 3.2 0 0 1 6.4 0v2" class="stroke"/><rect x="3" y="7" width="10" height="7.4" rx="1.6" fill="currentColor"/></symbol>
  <symbol id="i-blocked" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6.2" class="ring"/><path d="M3.8 12.2l8.4-8.4" class="stroke"/></symbol>
  <symbol id="i-ramping" viewBox="0 0 16 16"><path d="M2 13h3v-3h3V7h3V4h3" class="stroke"/></symbol>
  <symbol id="i-gear" viewBox="0 0 16 16"><circle cx="8" cy="8" r="2.4" class="stroke"/><path d="M8 1.5v2.6M8 11.9v2.6M1.5 8h2.6M11.9 8h2.6M3.4 3.4l1.8 1.8M10.8 10.8l1.8 1.8M12.6 3.4l-1.8 1.8M5.2 10.8l-1.8 1.8" class="stroke"/></symbol>
  <symbol id="i-chevron" viewBox="0 0 16 16"><path d="M6 3.5L10.5 8 6 12.5" class="stroke"/></symbol>
  <symbol id="i-search" viewBox="0 0 16 16"><circle cx="7" cy="7" r="4.4" class="stroke"/><path d="M10.4 10.4L14 14" class="stroke"/></symbol>
</svg>
<a class="skip" href="#circuits">Skip to the circuits</a>

<header class="top">
  <div class="brand">
    <svg class="mark" viewBox="0 0 24 24" aria-hidden="true"><path d="M1 12h5l2-6 4 12 2-6h1" class="stroke"/><circle cx="19" cy="12" r="3.4" class="stroke"/></svg>
    <span class="name">fuseline</span>
    <span class="instance" id="instance"></span>
  </div>
  <div class="tools">
    <div class="link" id="link" data-link="connecting"><span class="dot" aria-hidden="true"></span><span id="link-text">Connecting</span></div>
    <button type="button" class="quiet" id="retry" hidden>Try now</button>
    <button type="button" class="quiet" id="unlock" hidden></button>
    <button type="button" class="quiet" id="theme"></button>
  </div>
</header>

<main>
  <h1 class="unseen">Circuits</h1>
  <section class="signin" id="signin" hidden aria-labelledby="signin-title">
    <form id="signin-form">
      <h2 id="signin-title">This page needs a token</h2>
      <p id="signin-text">Enter the token of the health endpoints. The admin token works, too, and unlocks the actions.</p>
      <label for="signin-token">Token</label>
      <input id="signin-token" type="password" autocomplete="off" spellcheck="false" required aria-describedby="signin-text signin-error">
      <label class="check"><input type="checkbox" id="signin-keep"> Keep it until this tab is closed</label>
      <p class="error" id="signin-error" role="alert"></p>
      <button type="submit" class="primary">Show the circuits</button>
    </form>
  </section>

  <div id="content" hidden>
    <section class="banner" id="banner" data-level="ok" aria-label="What is wrong now">
      <ul id="banner-lines"></ul>
    </section>

    <div class="filters" id="filters">
      <fieldset class="tiles" id="tiles"><legend class="unseen">Show circuits that are</legend></fieldset>
      <dl class="sums" id="sums"></dl>
    </div>

    <div class="columns">
      <section class="list" aria-labelledby="circuits">
        <div class="bar">
          <h2 id="circuits" tabindex="-1">Circuits <span class="note" id="shown"></span></h2>
          <label class="search"><svg class="icon" aria-hidden="true"><use href="#i-search"/></svg><span class="unseen">Find circuits by name, service or error</span>
            <input id="search" type="search" placeholder="Find circuits" autocomplete="off" spellcheck="false"><kbd aria-hidden="true">/</kbd></label>
          <label class="sort">Sort <select id="sort"></select></label>
          <button type="button" class="quiet" id="reset-all">Reset all…</button>
        </div>
        <table role="table" class="circuits" id="table" aria-labelledby="circuits">
          <thead role="rowgroup"><tr role="row" id="heads"></tr></thead>
        </table>
        <p class="nothing" id="nothing" hidden><span id="nothing-text"></span> <button type="button" class="quiet" id="clear">Show all</button></p>
      </section>
      <section class="rail" aria-labelledby="timeline-title">
        <div class="bar"><h2 id="timeline-title">Timeline</h2></div>
        <ol id="timeline" tabindex="0" aria-labelledby="timeline-title"></ol>
        <p class="note" id="timeline-empty">No circuit has changed its state since the dashboard started.</p>
      </section>
    </div>
  </div>
  <noscript><p class="signin">This page shows live data and needs JavaScript.</p></noscript>
</main>

<dialog id="dialog" aria-labelledby="dialog-title">
  <form method="dialog" id="dialog-form">
    <h2 id="dialog-title"></h2>
    <p id="dialog-text"></p>
    <div id="dialog-token-part">
      <label for="dialog-token">Admin token</label>
      <input id="dialog-token" type="password" autocomplete="off" spellcheck="false" aria-describedby="dialog-error">
      <label class="check"><input type="checkbox" id="dialog-keep"> Keep it until this tab is closed</label>
    </div>
    <p class="error" id="dialog-error" role="alert"></p>
    <div class="buttons">
      <button type="button" class="quiet" id="dialog-cancel">Cancel</button>
      <button type="submit" class="primary" id="dialog-do"></button>
    </div>
  </form>
</dialog>
<div id="toast" class="toast" role="status"></div>
<div id="live" class="unseen" role="status" aria-live="polite"></div>
<script type="module">
// dom.ts
const SVG = 'http://www.w3.org/2000/svg';
function byId(id) {
    const found = document.getElementById(id);
    if (found === null)
        throw new Error(\`the page has no #\${id}\`);
    return found;
}
function el(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    setAttributes(element, attributes);
    element.append(...children);
    return element;
}
function svg(tag, attributes = {}, ...children) {
    const element = document.createElementNS(SVG, tag);
    setAttributes(element, attributes);
    element.append(...children);
    return element;
}
function icon(name) {
    return svg('svg', { class: 'icon', 'aria-hidden': 'true', focusable: 'false' }, svg('use', { href: \`#i-\${name}\` }));
}
function setIcon(target, name) {
    const use = target.firstElementChild;
    if (use !== null && use.getAttribute('href') !== \`#i-\${name}\`)
        use.setAttribute('href', \`#i-\${name}\`);
}
function setText(target, text) {
    if (target.textContent !== text)
        target.textContent = text;
}
function setAttribute(target, name, value) {
    if (target.getAttribute(name) !== value)
        target.setAttribute(name, value);
}
function setHidden(target, hidden) {
    if (target.hidden !== hidden)
        target.hidden = hidden;
}
function arrange(parent, wanted, first = parent.firstChild) {
    const keep = new Set(wanted);
    let at = first;
    for (const element of wanted) {
        while (at !== null && !keep.has(at))
            at = dropped(at);
        if (at === element)
            at = at.nextSibling;
        else
            parent.insertBefore(element, at);
    }
    while (at !== null)
        at = dropped(at);
}
function nameParts(name) {
    const [, first = name, rest = ''] = /^([^@#]+)(.*)$/s.exec(name) ?? [];
    return rest === '' ? [first] : [first, el('span', { class: 'suffix' }, rest)];
}
function dropped(node) {
    const next = node.nextSibling;
    node.remove();
    return next;
}
function setAttributes(element, attributes) {
    for (const [name, value] of Object.entries(attributes)) {
        if (value !== undefined && value !== false)
            element.setAttribute(name, value === true ? '' : String(value));
    }
}
// condense.ts
function condensed(timeline) {
    const lines = [];
    const last = new Map();
    for (const entry of timeline) {
        const [latest = -1, before = -1] = last.get(entry.circuit) ?? [];
        let failedProbes = 0;
        let follows = latest;
        if (isFailedProbe(entry)) {
            failedProbes = 1;
            if (lines[latest]?.entry.kind === 'half_open') {
                lines[latest] = undefined;
                follows = before;
            }
            const earlier = lines[follows];
            if (earlier !== undefined && earlier.failedProbes > 0) {
                failedProbes += earlier.failedProbes;
                lines[follows] = undefined;
                follows = -1;
            }
        }
        last.set(entry.circuit, [lines.push({ entry, failedProbes }) - 1, follows]);
    }
    return lines.filter((line) => line !== undefined);
}
function isFailedProbe({ kind, reason }) {
    return kind === 'open' && (reason === 'probe_failed' || reason === 'probe_expired');
}
// format.ts
const timeOfDay = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const timeWithSeconds = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const dayAndTime = new Intl.DateTimeFormat(undefined, {
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
});
const whole = new Intl.NumberFormat('en');
function moment(at, now) {
    return sameDay(at, now) ? timeOfDay.format(at) : dayAndTime.format(at);
}
function precise(at, now) {
    return sameDay(at, now) ? timeWithSeconds.format(at) : dayAndTime.format(at);
}
function duration(ms) {
    const left = Math.max(0, ms);
    if (left < 950)
        return \`\${(Math.round(left / 100) / 10).toFixed(1)} s\`;
    const seconds = Math.round(left / 1000);
    if (seconds < 60)
        return \`\${seconds} s\`;
    const minutes = Math.floor(seconds / 60);
    if (minutes < 60)
        return seconds % 60 === 0 || minutes >= 20 ? \`\${minutes} min\` : \`\${minutes} min \${seconds % 60} s\`;
    const hours = Math.floor(minutes / 60);
    if (hours < 24)
        return \`\${hours} h \${String(minutes % 60).padStart(2, '0')} min\`;
    return \`\${Math.floor(hours / 24)} d \${hours % 24} h\`;
}
function age(ms) {
    return duration(Math.max(1, Math.floor(ms / 1000)) * 1000);
}
function countdown(ms) {
    return duration(Math.ceil(Math.max(0, ms) / 1000) * 1000).replace(/^0\\.0 s$/, '0 s');
}
function ago(ms) {
    if (ms < 2_000)
        return 'just now';
    if (ms < 60_000)
        return \`\${Math.floor(ms / 1000)} s ago\`;
    if (ms < 3_600_000)
        return \`\${Math.floor(ms / 60_000)} min ago\`;
    if (ms < 86_400_000)
        return \`\${Math.floor(ms / 3_600_000)} h ago\`;
    return \`\${Math.floor(ms / 86_400_000)} d ago\`;
}
function count(value) {
    if (value < 10_000)
        return whole.format(Math.round(value));
    return value < 999_500 ? \`\${digits(value / 1_000)}k\` : \`\${digits(value / 1_000_000)}M\`;
}
function times(value, what) {
    return \`\${count(value)} \${what}\${value === 1 ? '' : 's'}\`;
}
function rate(value) {
    if (value <= 0)
        return '0';
    if (value < 0.095)
        return value < 0.005 ? '<0.01' : value.toFixed(2);
    return value >= 9_950 ? count(value) : value >= 995 ? \`\${digits(value / 1_000)}k\` : digits(value);
}
function percent(share) {
    const value = share * 100;
    if (value <= 0)
        return '0 %';
    if (value < 0.1)
        return '<0.1 %';
    if (value >= 99.5 && value < 100)
        return '>99 %';
    return \`\${digits(value)} %\`;
}
function milliseconds(ms) {
    if (ms < 0.05)
        return '<0.1 ms';
    return ms < 999.5 ? \`\${digits(ms)} ms\` : \`\${digits(ms / 1000)} s\`;
}
function digits(value) {
    if (value >= 9.95)
        return String(Math.round(value));
    const text = value.toFixed(1);
    return text.endsWith('.0') ? text.slice(0, -2) : text;
}
function sameDay(a, b) {
    return new Date(a).toDateString() === new Date(b).toDateString();
}
// words.ts
const STANDINGS = {
    open: { label: 'Open', icon: 'open', rank: 0, group: 'down' },
    'forced-open': { label: 'Forced open', icon: 'held', rank: 1, group: 'down' },
    blocked: { label: 'Blocked', icon: 'blocked', rank: 2, group: 'down' },
    probing: { label: 'Probing', icon: 'probing', rank: 3, group: 'probing' },
    failing: { label: 'Failing', icon: 'warning', rank: 4, group: 'failing' },
    ramping: { label: 'Ramping up', icon: 'ramping', rank: 5, group: 'closed' },
    'forced-closed': { label: 'Forced closed', icon: 'held', rank: 6, group: 'forced' },
    'metrics-only': { label: 'Metrics only', icon: 'held', rank: 6, group: 'forced' },
    off: { label: 'Off', icon: 'held', rank: 7, group: 'forced' },
    closed: { label: 'Closed', icon: 'closed', rank: 8, group: 'closed' },
};
function standingOf(row) {
    if (row.state === 'open')
        return row.forced === 'open' ? 'forced-open' : 'open';
    if (row.blockedBy !== null)
        return 'blocked';
    if (row.state === 'half_open')
        return 'probing';
    if (row.signIn !== null)
        return 'failing';
    if (row.forced === 'off')
        return 'off';
    if (row.forced === 'closed')
        return 'forced-closed';
    if (row.forced === 'metrics_only')
        return 'metrics-only';
    if (row.failing)
        return 'failing';
    return row.rampShare < 1 ? 'ramping' : 'closed';
}
function wordsOf(standing) {
    return STANDINGS[standing];
}
const REASONS = {
    consecutive_failures: 'failures in a row',
    failures_in_window: 'failures in the window',
    failure_rate: 'failure rate',
    slow_call_rate: 'too many slow calls',
    failure_or_slow_rate: 'failed or slow calls',
    probe_failed: 'a probe failed',
    probe_expired: 'a probe took too long',
    peers: 'other processes found it failing',
};
function reasonText({ reason, failures, cause }) {
    if (reason === undefined)
        return '';
    const many = reason === 'consecutive_failures' && failures !== undefined && failures > 0;
    const what = many ? (failures === 1 ? 'one failure' : \`\${failures} failures in a row\`) : REASONS[reason];
    return cause === undefined ? what : \`\${what} (\${cause})\`;
}
function answersText({ cache, fallback, error }) {
    const parts = [
        ['the last good response', cache],
        ['a fallback', fallback],
        ['an immediate error', error],
    ];
    const total = cache + fallback + error;
    const given = parts.filter(([, times]) => times > 0).sort(([, a], [, b]) => b - a);
    if (given.length === 0)
        return 'no calls since';
    if (given.length === 1)
        return \`callers get \${given[0]?.[0]}\`;
    const shares = given.map(([what, times]) => \`\${what} (\${percent(times / total)})\`);
    return \`callers get \${shares.join(', ')}\`;
}
function probesText({ reason, cause, waitMs }, failed) {
    const why = cause ?? (reason === 'probe_expired' ? 'too slow' : undefined);
    const what = failed === 1 ? 'a probe failed' : \`\${failed} probes failed\`;
    const last = why === undefined ? '' : failed === 1 ? \` (\${why})\` : \` (the last: \${why})\`;
    return \`\${what}\${last}; the next \${duration(waitMs ?? 0)} later\`;
}
function entryText(entry) {
    switch (entry.kind) {
        case 'open':
            return \`opened: \${reasonText(entry)}; probes \${duration(entry.waitMs ?? 0)} later\`;
        case 'half_open':
            return 'is being probed';
        case 'closed':
            return entry.downMs === undefined ? 'was closed' : \`closed after \${duration(entry.downMs)}\`;
        case 'forced_open':
            return 'was forced open';
        case 'forced_closed':
            return \`was forced closed\${entry.downMs === undefined ? '' : \` after \${duration(entry.downMs)}\`}\`;
        case 'metrics_only':
            return 'only counts, and does not open';
        case 'config_reloaded':
            return \`Configuration changed: \${entry.detail}\`;
        case 'config_rejected':
            return \`Configuration rejected (\${entry.detail}); the settings before it still apply\`;
        case 'threshold_adapted':
            return \`adapted: \${thresholdText(entry)}\`;
        case 'threshold_proposed':
            return \`could use \${thresholdText(entry)}\`;
        case 'token_refresh_failed':
            return \`got no new token (\${entry.detail})\`;
        case 'token_refreshed':
            return 'got a new token again';
    }
}
function thresholdText({ detail = '', from = 0, to = 0 }) {
    const shown = (value) => (detail.endsWith('Ms') ? duration(value) : String(value));
    return \`\${detail.replace(/Ms$/, '')} \${shown(to)} instead of \${shown(from)}\`;
}
function entryStanding({ kind }) {
    switch (kind) {
        case 'open':
            return { icon: 'open', standing: 'open' };
        case 'forced_open':
            return { icon: 'held', standing: 'forced-open' };
        case 'half_open':
            return { icon: 'probing', standing: 'probing' };
        case 'closed':
            return { icon: 'closed', standing: 'closed' };
        case 'forced_closed':
        case 'metrics_only':
            return { icon: 'held', standing: 'forced-closed' };
        case 'config_reloaded':
        case 'threshold_adapted':
        case 'threshold_proposed':
            return { icon: 'gear', standing: 'closed' };
        case 'token_refreshed':
            return { icon: 'closed', standing: 'closed' };
        case 'config_rejected':
        case 'token_refresh_failed':
            return { icon: 'warning', standing: 'failing' };
    }
}
function problemText(row, standing) {
    if (standing === 'blocked')
        return \`is blocked, because \${row.blockedBy} is open\`;
    if (standing === 'forced-open')
        return 'is forced open';
    if (standing === 'probing')
        return 'is being probed, down';
    return 'is down';
}
function countsOf(names) {
    const counts = new Map();
    for (const name of names)
        counts.set(name, (counts.get(name) ?? 0) + 1);
    return [...counts].sort(([, a], [, b]) => b - a);
}
// status.ts
const READ_OUT = 3;
const ICON_COLOURS = { down: '#d03a2b', warn: '#c98500', ok: '#2f9e63', lost: '#8a94a3' };
class Status {
    #store;
    #link = { kind: 'connecting' };
    constructor(store) {
        this.#store = store;
    }
    set link(link) {
        const was = this.#link.kind;
        this.#link = link;
        if (link.kind !== was && link.kind === 'lost' && this.#store.known)
            announce(\`Connection lost: \${link.why}. What is shown is old.\`);
        if (was === 'lost' && link.kind === 'live')
            announce('Connected again.');
        this.update();
    }
    update() {
        const { asOf, now, known, instance, circuits } = this.#store;
        const link = this.#link;
        const stale = link.kind !== 'live' && known;
        document.documentElement.classList.toggle('is-stale', stale);
        setAttribute(byId('link'), 'data-link', link.kind === 'connecting' && known ? 'lost' : link.kind);
        setText(byId('link-text'), linkText(link, known ? precise(asOf, now) : undefined));
        setHidden(byId('retry'), link.kind !== 'lost');
        setText(byId('instance'), instance);
        const groups = [...circuits.values()].map((row) => wordsOf(standingOf(row)).group);
        const down = groups.filter((group) => group === 'down').length;
        const level = stale ? 'lost' : down > 0 ? 'down' : groups.some((group) => group === 'probing' || group === 'failing') ? 'warn' : 'ok';
        const title = down > 0 ? \`(\${count(down)} down) Circuits\` : 'Circuits';
        const text = stale ? \`(old) \${title}\` : title;
        if (document.title !== text)
            document.title = text;
        setAttribute(byId('favicon'), 'href', iconOf(level));
    }
}
function announceEntries(entries) {
    const news = entries.filter((entry) => entry.kind !== 'half_open' && !isFailedProbe(entry));
    if (news.length === 0)
        return;
    const spoken = news.slice(-READ_OUT).map((entry) => \`\${entry.circuit === '*' ? '' : \`\${entry.circuit} \`}\${entryText(entry)}.\`);
    const rest = news.length - spoken.length;
    announce([...(rest > 0 ? [\`\${rest} more changes.\`] : []), ...spoken].join(' '));
}
function announce(text) {
    byId('live').textContent = text;
}
const TOAST_MS = 8_000;
let toastTimer;
function toast(text, failed = false) {
    const target = byId('toast');
    clearTimeout(toastTimer);
    target.classList.toggle('failed', failed);
    target.textContent = text;
    if (!failed && text !== '')
        toastTimer = setTimeout(() => toast(''), TOAST_MS);
}
function linkText(link, asOf) {
    switch (link.kind) {
        case 'live':
            return \`Live · \${asOf ?? ''}\`;
        case 'connecting':
            return asOf === undefined ? 'Connecting' : \`Connecting · data from \${asOf}\`;
        case 'refused':
            return 'No access';
        case 'lost': {
            const next = \`next try in \${countdown(link.retryAt - Date.now())}\`;
            return asOf === undefined ? \`Not connected: \${link.why} · \${next}\` : \`Connection lost: \${link.why} · data from \${asOf} · \${next}\`;
        }
    }
}
function iconOf(level) {
    const colour = ICON_COLOURS[level];
    const shape = level === 'down' ? '<path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z"/>' : '<circle cx="8" cy="8" r="7"/>';
    return \`data:image/svg+xml,\${encodeURIComponent(\`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" fill="\${colour}">\${shape}</svg>\`)}\`;
}
// actions.ts
const SEEN_MS = 4_000;
class Actions {
    #store;
    #session;
    #api;
    #changed;
    #dialog = byId('dialog');
    #token = byId('dialog-token');
    #error = byId('dialog-error');
    #do = byId('dialog-do');
    #wish = { action: 'unlock' };
    constructor(store, session, api, changed) {
        this.#store = store;
        this.#session = session;
        this.#api = api;
        this.#changed = changed;
        byId('dialog-cancel').addEventListener('click', () => this.#dialog.close());
        byId('dialog-form').addEventListener('submit', (event) => {
            event.preventDefault();
            void this.#submit();
        });
        this.#dialog.addEventListener('close', () => {
            this.#token.value = '';
        });
    }
    ask(wish) {
        this.#wish = wish;
        const { title, text, button } = questionOf(wish, this.#store.circuits.size + this.#store.left);
        setText(byId('dialog-title'), title);
        setText(byId('dialog-text'), text);
        setText(this.#do, button);
        setText(this.#error, '');
        this.#askToken(this.#session.admin === undefined);
        this.#dialog.showModal();
        (this.#session.admin === undefined ? this.#token : byId('dialog-cancel')).focus();
    }
    #askToken(asked) {
        setHidden(byId('dialog-token-part'), !asked);
        this.#token.required = asked;
    }
    async #submit() {
        if (this.#do.disabled)
            return;
        this.#do.disabled = true;
        setText(this.#error, '');
        try {
            const problem = await this.#perform();
            if (problem === undefined)
                this.#dialog.close();
            else
                setText(this.#error, problem);
        }
        catch {
            setText(this.#error, 'The server cannot be reached. It is unknown whether the action was done.');
        }
        finally {
            this.#do.disabled = false;
        }
    }
    async #perform() {
        const token = this.#session.admin ?? this.#token.value;
        const { action, circuit } = this.#wish;
        if (!(await this.#api.actions(token)).allowed)
            return this.#refused();
        if (action !== 'unlock') {
            const problem = await this.#api.act(action === 'reset-all' ? 'reset' : action, circuit, token);
            if (problem === 'unauthorized')
                return this.#refused();
            if (problem === 'missing')
                return 'The server has no such circuit, or accepts no actions.';
            if (problem === 'failed')
                return 'The action failed on the server. Its log has the reason.';
        }
        this.#session.admin = token;
        if (byId('dialog-keep').checked)
            this.#session.keep();
        this.#changed();
        if (action !== 'unlock')
            void this.#watch(this.#wish);
        return undefined;
    }
    #refused() {
        this.#session.forget();
        this.#changed();
        this.#askToken(true);
        this.#token.focus();
        return 'That is not the admin token of this server. Nothing was done.';
    }
    async #watch({ action, circuit }) {
        const what = circuit ?? 'All circuits';
        const verb = {
            reset: 'was reset',
            'force-open': 'was forced open',
            'force-close': 'was forced closed',
            'reset-all': 'were reset',
            unlock: '',
        }[action];
        toast(\`\${what} \${verb}.\`);
        if (circuit === undefined)
            return;
        const end = Date.now() + SEEN_MS;
        while (Date.now() < end) {
            if (isDone(action, this.#store.circuits.get(circuit)))
                return;
            await new Promise((resolve) => setTimeout(resolve, 100));
        }
        if (this.#store.live)
            toast(\`The server says that \${circuit} \${verb}, but it has not changed here: another process may have received the request.\`, true);
    }
}
function isDone(action, row) {
    if (row === undefined)
        return false;
    if (action === 'force-open')
        return row.forced === 'open';
    if (action === 'force-close')
        return row.forced === 'closed' || row.forced === 'off';
    return row.forced === null || row.forced === 'off';
}
function questionOf({ action, circuit }, circuits) {
    switch (action) {
        case 'reset':
            return {
                title: \`Reset \${circuit}?\`,
                text: 'It closes and forgets its failures. Calls go to the vendor again immediately. If the vendor is still down, it opens after the usual failures.',
                button: \`Reset \${circuit}\`,
            };
        case 'force-open':
            return {
                title: \`Force \${circuit} open?\`,
                text: 'No call and no probe goes to the vendor until someone resets the circuit. Callers get fallbacks or errors.',
                button: \`Force \${circuit} open\`,
            };
        case 'force-close':
            return {
                title: \`Force \${circuit} closed?\`,
                text: 'Every call is sent, however many fail, until someone resets the circuit. Callers wait for timeouts again.',
                button: \`Force \${circuit} closed\`,
            };
        case 'reset-all':
            return {
                title: \`Reset all \${circuits} circuits?\`,
                text: 'Each circuit closes and forgets its failures, including those that were forced. Calls go to every vendor again immediately.',
                button: 'Reset all circuits',
            };
        case 'unlock':
            return {
                title: 'Unlock the actions',
                text: 'Reset a circuit, or force it open or closed. Each action asks for confirmation.',
                button: 'Unlock',
            };
    }
}
// api.ts
function options(url, headers, signal) {
    return fetch(url, { method: 'OPTIONS', headers, cache: 'no-store', signal: signal ?? null });
}
class Api {
    #base;
    #session;
    constructor(session, pagePath) {
        this.#session = session;
        this.#base = pagePath.replace(/\\/dashboard\\/?$/, '');
    }
    get eventsUrl() {
        return \`\${this.#base}/dashboard/events\`;
    }
    async actions(token) {
        const { headers } = await options(\`\${this.#base}/dashboard/actions\`, this.#session.headers(token));
        return { there: /\\bPOST\\b/.test(headers.get('allow') ?? ''), allowed: !headers.has('www-authenticate') };
    }
    async act(action, circuit, token) {
        const path = circuit === undefined ? '/circuit-breakers/reset-all' : \`/circuit-breakers/\${encodeURIComponent(circuit)}/\${action}\`;
        const { ok, status } = await this.#post(path, token);
        if (ok)
            return undefined;
        return status === 401 || status === 403 ? 'unauthorized' : status === 404 ? 'missing' : 'failed';
    }
    async operations(service) {
        const url = \`\${this.#base}/dashboard/services/\${encodeURIComponent(service)}\`;
        const response = await fetch(url, { headers: this.#session.headers(), cache: 'no-store' });
        return response.ok ? (await response.json()) : [];
    }
    #post(path, token) {
        return fetch(this.#base + path, { method: 'POST', headers: this.#session.headers(token), cache: 'no-store' });
    }
}
// banner.ts
const MAX_LINES = 4;
const MAX_FAILING = 4;
const MAX_SERVICES = 4;
class Banner {
    #host;
    #store;
    #element = byId('banner');
    #list = byId('banner-lines');
    #lines = new Map();
    #calm = new Note('closed');
    #failing = new Note('failing');
    #old = new Note('failing');
    #many;
    constructor(store, host) {
        this.#store = store;
        this.#host = host;
        const show = el('button', { type: 'button', class: 'quiet' }, 'Show them');
        show.addEventListener('click', () => host.show('down'));
        this.#many = new Note('open', el('span', { class: 'buttons' }, show));
    }
    update() {
        const { circuits, left, now } = this.#store;
        const all = [...circuits.values()].map((row) => ({ row, standing: standingOf(row) }));
        const problems = all.filter(({ standing }) => wordsOf(standing).rank <= wordsOf('probing').rank).sort(worstFirst);
        const failing = all
            .filter(({ standing }) => standing === 'failing')
            .sort(({ row: a }, { row: b }) => (b.failedShare ?? 0) - (a.failedShare ?? 0));
        const named = problems.length > MAX_LINES ? problems.slice(0, MAX_LINES - 1) : problems;
        const lines = named.map((problem) => this.#lineOf(problem, now));
        for (const name of this.#lines.keys())
            if (!named.some(({ row }) => row.name === name))
                this.#lines.delete(name);
        const down = problems.filter(({ standing }) => wordsOf(standing).group === 'down').length;
        const many = problems.length > named.length;
        if (many)
            this.#many.show(manyText(down, problems.length - down, circuits.size + left), \`\${vendorsText(problems)}The \${named.length} worst:\`);
        setAttribute(this.#element, 'data-many', String(many));
        setAttribute(this.#element, 'data-level', down > 0 ? 'down' : problems.length + failing.length > 0 ? 'warn' : 'ok');
        if (failing.length > 0)
            this.#failing.show(...failingText(failing));
        if (!this.#store.live)
            this.#old.show(\`This is how it was at \${precise(this.#store.asOf, now)}\`, 'The connection is lost, so the data may be outdated.');
        const calm = problems.length + failing.length === 0;
        if (calm)
            this.#calm.show(...this.#calmText());
        arrange(this.#list, [
            ...(this.#store.live ? [] : [this.#old.element]),
            ...(many ? [this.#many.element] : []),
            ...lines,
            ...(failing.length > 0 ? [this.#failing.element] : []),
            ...(calm ? [this.#calm.element] : []),
        ]);
    }
    #lineOf({ row, standing }, now) {
        let line = this.#lines.get(row.name);
        if (line === undefined) {
            line = new ProblemLine(row.name, this.#host);
            this.#lines.set(row.name, line);
        }
        line.show(row, standing, now);
        return line.element;
    }
    #calmText() {
        const { circuits, left, timeline, now } = this.#store;
        const held = [...circuits.values()].filter((row) => wordsOf(standingOf(row)).group === 'forced').length;
        const all = circuits.size + left === 1 ? 'The circuit is closed' : \`All \${count(circuits.size + left)} circuits are closed\`;
        const last = timeline.findLast(({ kind, downMs }) => kind === 'closed' && downMs !== undefined);
        if (last?.downMs === undefined)
            return [held === 0 ? all : \`\${all}, \${held} of them by hand\`, 'No outage since the dashboard started'];
        return [
            held === 0 ? all : \`\${all}, \${held} of them by hand\`,
            \`Last outage: \${last.circuit}, \${duration(last.downMs)}, over since \${moment(last.at, now)}\`,
        ];
    }
}
function worstFirst(a, b) {
    const longest = (a.row.downSince ?? a.row.since) - (b.row.downSince ?? b.row.since);
    return wordsOf(a.standing).rank - wordsOf(b.standing).rank || longest;
}
function manyText(down, probed, all) {
    const parts = [
        ...(down > 0 ? [\`\${count(down)} of \${count(all)} circuits are down\`] : []),
        ...(probed > 0 ? [\`\${count(probed)} are being probed\`] : []),
    ];
    return parts.join(', ');
}
function vendorsText(problems) {
    const services = countsOf(problems.map(({ row }) => row.service));
    if (services.length === problems.length)
        return '';
    const named = services
        .slice(0, MAX_SERVICES)
        .map(([service, circuits]) => (circuits === 1 ? service : \`\${service} (\${count(circuits)})\`));
    const rest = services.length - named.length;
    return \`\${named.join(', ')}\${rest > 0 ? \` and \${count(rest)} more services\` : ''}. \`;
}
function failingText(failing) {
    const named = failing
        .slice(0, MAX_FAILING)
        .map(({ row }) => \`\${row.name} (\${row.signIn === null ? \`\${percent(row.failedShare ?? 0)} of attempts\` : 'the sign-in fails'})\`);
    const rest = failing.length - named.length;
    return [
        \`\${failing.length === 1 ? 'One closed circuit is' : \`\${count(failing.length)} closed circuits are\`} failing\`,
        \`\${named.join(', ')}\${rest > 0 ? \` and \${count(rest)} more\` : ''}\`,
    ];
}
class ProblemLine {
    element = el('li', { class: 'problem' });
    #icon = icon('open');
    #what = el('span');
    #answers = el('span');
    #next = el('span', { class: 'next' });
    constructor(name, host) {
        const details = el('button', { type: 'button', class: 'quiet', 'aria-label': \`Details of \${name}\` }, 'Details');
        details.addEventListener('click', () => host.reveal(name));
        const reset = el('button', { type: 'button', class: 'quiet action', 'aria-label': \`Reset… \${name}\` }, 'Reset…');
        reset.addEventListener('click', () => host.reset(name));
        this.element.append(this.#icon, el('div', { class: 'says' }, el('p', { class: 'head' }, el('strong', {}, ...nameParts(name)), ' ', this.#what), el('p', {}, this.#answers, this.#next)), el('span', { class: 'buttons' }, details, reset));
    }
    show(row, standing, now) {
        setAttribute(this.element, 'data-standing', standing);
        setIcon(this.#icon, wordsOf(standing).icon);
        const since = row.downSince ?? row.since;
        const down = \`since \${moment(since, now)} (\${age(now - since)})\`;
        setText(this.#what, standing === 'blocked' ? problemText(row, standing) : \`\${problemText(row, standing)} \${down}\`);
        const next = nextText(row, standing, now);
        setText(this.#answers, next === '' ? answersText(row.outage) : \`\${answersText(row.outage)} · \`);
        setText(this.#next, next);
    }
}
function nextText(row, standing, now) {
    if (standing === 'open' && row.retryAt !== null)
        return \`next probe in \${countdown(row.retryAt - now)}\`;
    if (standing === 'probing')
        return \`\${row.successes} of \${row.settings.successThreshold} probes succeeded\`;
    if (standing === 'forced-open')
        return 'stays open until a reset';
    return '';
}
class Note {
    element;
    #head = el('p', { class: 'head' });
    #text = el('p');
    constructor(standing, ...more) {
        this.element = el('li', { 'data-standing': standing }, icon(wordsOf(standing).icon), el('div', { class: 'says' }, this.#head, this.#text), ...more);
    }
    show(head, text) {
        setText(this.#head, head);
        setText(this.#text, text);
        setHidden(this.element, false);
    }
}
// filters.ts
const GROUPS = [
    ['all', 'All', undefined],
    ['down', 'Down', 'open'],
    ['probing', 'Probing', 'probing'],
    ['failing', 'Failing', 'warning'],
    ['forced', 'Forced closed', 'held'],
    ['closed', 'Closed', 'closed'],
];
class Filters {
    #store;
    #radios = new Map();
    #counts = new Map();
    #sums = new Map();
    constructor(store, choose) {
        this.#store = store;
        for (const [group, label, shape] of GROUPS) {
            const radio = el('input', { type: 'radio', name: 'group', value: group });
            const figure = el('b', {}, '0');
            radio.addEventListener('change', () => choose(group));
            this.#radios.set(group, radio);
            this.#counts.set(group, figure);
            byId('tiles').append(el('label', { 'data-group': group }, radio, ...(shape === undefined ? [] : [icon(shape)]), el('span', {}, label), figure));
        }
        for (const [key, label] of [
            ['rate', 'requests/s'],
            ['failed', 'failed'],
            ['refused', 'refused/s'],
        ]) {
            const figure = el('dd');
            this.#sums.set(key, figure);
            byId('sums').append(el('div', {}, figure, el('dt', {}, label)));
        }
    }
    update(view) {
        const rows = [...this.#store.circuits.values()];
        const groups = rows.map((row) => wordsOf(standingOf(row)).group);
        for (const [group, figure] of this.#counts) {
            const times = group === 'all' ? rows.length : groups.filter((one) => one === group).length;
            setText(figure, count(times));
            figure.parentElement?.classList.toggle('none', times === 0);
        }
        const chosen = this.#radios.get(view.group);
        if (chosen !== undefined && !chosen.checked)
            chosen.checked = true;
        const failed = failedShare(rows);
        this.#show('rate', rate(sum(rows, (row) => row.rate)));
        this.#show('failed', failed === null ? '–' : percent(failed));
        this.#show('refused', rate(sum(rows, (row) => row.refusedRate)));
    }
    #show(key, text) {
        const figure = this.#sums.get(key);
        if (figure !== undefined)
            setText(figure, text);
    }
}
function failedShare(rows) {
    const sent = (row) => (row.failedShare === null ? 0 : row.rate - row.refusedRate);
    const total = sum(rows, sent);
    return total <= 0 ? null : sum(rows, (row) => sent(row) * (row.failedShare ?? 0)) / total;
}
function sum(rows, read) {
    return rows.reduce((total, row) => total + read(row), 0);
}
// order.ts
const ALL = { text: '', group: 'all', sort: 'problems' };
const COMPARE = {
    problems: (a, b) => rank(a) - rank(b) || (a.downSince ?? 0) - (b.downSince ?? 0),
    name: () => 0,
    since: (a, b) => b.since - a.since,
    rate: (a, b) => b.rate - a.rate,
    failed: (a, b) => (b.failedShare ?? -1) - (a.failedShare ?? -1),
    p50: (a, b) => latency(b, 0) - latency(a, 0),
    p95: (a, b) => latency(b, 1) - latency(a, 1),
    p99: (a, b) => latency(b, 2) - latency(a, 2),
    errors: (a, b) => (b.errors[0]?.[2] ?? 0) - (a.errors[0]?.[2] ?? 0),
};
function arranged(rows, view) {
    const compare = COMPARE[view.sort];
    return [...rows].filter((row) => isShown(row, view)).sort((a, b) => compare(a, b) || byName(a, b));
}
function isShown(row, { text, group }) {
    if (group !== 'all' && wordsOf(standingOf(row)).group !== group)
        return false;
    const words = text.toLowerCase().split(/\\s+/).filter(Boolean);
    const haystack = [row.name, row.service, ...row.errors.map(([cause]) => cause)].join(' ').toLowerCase();
    return words.every((word) => haystack.includes(word));
}
function rank(row) {
    return wordsOf(standingOf(row)).rank;
}
function latency(row, at) {
    return row.latency?.[at] ?? -1;
}
function byName(a, b) {
    return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
// session.ts
const TOKENS_KEY = 'fuseline.dashboard.tokens';
class Session {
    read;
    admin;
    constructor() {
        try {
            const kept = JSON.parse(sessionStorage.getItem(TOKENS_KEY) ?? '{}');
            if (typeof kept !== 'object' || kept === null)
                return;
            if ('read' in kept && typeof kept.read === 'string')
                this.read = kept.read;
            if ('admin' in kept && typeof kept.admin === 'string')
                this.admin = kept.admin;
        }
        catch {
        }
    }
    headers(token = this.read ?? this.admin) {
        return token === undefined ? {} : { authorization: \`Bearer \${token}\` };
    }
    keep() {
        try {
            sessionStorage.setItem(TOKENS_KEY, JSON.stringify({ read: this.read, admin: this.admin }));
        }
        catch {
        }
    }
    forget(all = false) {
        this.admin = undefined;
        if (all)
            this.read = undefined;
        try {
            if (sessionStorage.getItem(TOKENS_KEY) === null)
                return;
            if (all || this.read === undefined)
                sessionStorage.removeItem(TOKENS_KEY);
            else
                this.keep();
        }
        catch {
        }
    }
}
// store.ts
const MAX_ENTRIES = 500;
const SKEW_MS = 250;
class Store {
    circuits = new Map();
    timeline = [];
    instance = '';
    left = 0;
    stepMs = 5_000;
    heartbeatMs = 5_000;
    known = false;
    asOf = 0;
    #offset = 0;
    #live = false;
    get now() {
        return this.#live ? Math.max(this.asOf, Date.now() + this.#offset) : this.asOf;
    }
    get live() {
        return this.#live;
    }
    set live(live) {
        if (!live && this.#live)
            this.asOf = this.now;
        this.#live = live;
    }
    takeState(message) {
        const lastId = this.timeline.at(-1)?.id ?? 0;
        const continued = this.known && message.instance === this.instance && (message.timeline.at(-1)?.id ?? 0) >= lastId;
        this.circuits.clear();
        for (const row of message.circuits)
            this.circuits.set(row.name, row);
        this.timeline = [...message.timeline];
        this.instance = message.instance;
        this.left = message.left;
        this.stepMs = message.stepMs;
        this.heartbeatMs = message.heartbeatMs;
        this.known = true;
        this.heard(message.now);
        return continued ? message.timeline.filter(({ id }) => id > lastId) : [];
    }
    takeUpdate(message) {
        for (const name of message.removed)
            this.circuits.delete(name);
        this.left = message.left;
        for (const patch of message.circuits) {
            this.circuits.set(patch.name, { ...this.circuits.get(patch.name), ...patch });
        }
        this.timeline.push(...message.timeline);
        if (this.timeline.length > MAX_ENTRIES)
            this.timeline.splice(0, this.timeline.length - MAX_ENTRIES);
        this.heard(message.now);
        return message.circuits.map(({ name }) => name);
    }
    heard(now) {
        const offset = now - Date.now();
        if (Math.abs(offset - this.#offset) > SKEW_MS)
            this.#offset = offset;
        this.asOf = now;
        this.#live = true;
    }
}
// sse.ts
class EventParser {
    #rest = '';
    #event = '';
    #data = [];
    push(text) {
        const lines = (this.#rest + text).split(/\\r\\n|\\n|\\r(?!$)/);
        this.#rest = lines.pop() ?? '';
        return lines.flatMap((line) => this.#line(line));
    }
    #line(line) {
        if (line === '') {
            const event = { event: this.#event || 'message', data: this.#data.join('\\n') };
            const complete = this.#data.length > 0;
            this.#event = '';
            this.#data = [];
            return complete ? [event] : [];
        }
        const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
        if (field === 'event')
            this.#event = value;
        else if (field === 'data')
            this.#data.push(value);
        return [];
    }
}
// stream.ts
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
const CONNECT_MS = 15_000;
class Stream {
    #setup;
    #failures = 0;
    #wake;
    constructor(setup) {
        this.#setup = setup;
    }
    async run() {
        for (;;) {
            const { headers, onLink } = this.#setup;
            onLink({ kind: 'connecting' });
            const link = await this.#once(headers());
            onLink(link);
            await this.#pause(link);
        }
    }
    retry() {
        this.#failures = 0;
        this.#wake?.();
    }
    async #once(headers) {
        const abort = new AbortController();
        let timer = setTimeout(() => abort.abort(), CONNECT_MS);
        try {
            const wrong = headers['authorization'] !== undefined;
            const asked = await options(this.#setup.url, headers, abort.signal);
            if (asked.headers.has('www-authenticate'))
                return { kind: 'refused', wrong };
            const response = await fetch(this.#setup.url, { headers, cache: 'no-store', signal: abort.signal });
            if (response.status === 401 || response.status === 403)
                return { kind: 'refused', wrong };
            if (response.status === 503)
                return this.#lost('too many pages are connected to this process');
            if (!response.ok || response.body === null)
                return this.#lost(\`the server answered \${response.status}\`);
            const reader = response.body.getReader();
            const decoder = new TextDecoder();
            const parser = new EventParser();
            for (;;) {
                clearTimeout(timer);
                timer = setTimeout(() => abort.abort(), this.#setup.silenceMs());
                const { done, value } = await reader.read();
                if (done)
                    return this.#lost('the server ended it');
                for (const event of parser.push(decoder.decode(value, { stream: true }))) {
                    this.#failures = 0;
                    this.#setup.onLink({ kind: 'live' });
                    this.#setup.onEvent(event);
                }
            }
        }
        catch {
            return this.#lost(abort.signal.aborted ? 'the server is silent' : 'the server cannot be reached');
        }
        finally {
            clearTimeout(timer);
            abort.abort();
        }
    }
    #lost(why) {
        const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#failures++);
        return { kind: 'lost', retryAt: Date.now() + longest * (0.5 + Math.random() / 2), why };
    }
    async #pause(link) {
        const woken = new Promise((resolve) => {
            this.#wake = resolve;
        });
        if (link.kind !== 'lost')
            return woken;
        let timer;
        const waited = new Promise((resolve) => {
            timer = setTimeout(resolve, link.retryAt - Date.now());
        });
        await Promise.race([woken, waited]);
        clearTimeout(timer);
        this.#wake = undefined;
        return undefined;
    }
}
// stretches.ts
const STRIP_MS = 15 * 60_000;
const SHAPES = {
    open: 'open',
    forced_open: 'held',
    half_open: 'probing',
    closed: 'closed',
    forced_closed: 'closed',
    metrics_only: 'closed',
};
function stretchesOf({ periods, begun, since, state, forced }, now) {
    const start = now - STRIP_MS;
    const known = periods.map(([at, kind]) => [at, SHAPES[kind]]);
    const current = state === 'open' ? (forced === 'open' ? 'held' : 'open') : state === 'half_open' ? 'probing' : 'closed';
    if (known.at(-1)?.[1] !== current)
        known.push([since, current]);
    const all = known[0]?.[1] === 'closed' ? known : [[begun, 'closed'], ...known];
    return all
        .map(([at, shape], n) => ({ shape, from: Math.max(start, at), to: all[n + 1]?.[0] ?? now }))
        .filter(({ from, to }) => to > from);
}
function spoken(stretches) {
    const down = stretches.filter(({ shape }) => shape === 'open' || shape === 'held');
    if (down.length === 0)
        return 'Not open in the last 15 minutes';
    const total = down.reduce((sum, { from, to }) => sum + to - from, 0);
    return \`Open \${down.length === 1 ? 'once' : \`\${down.length} times\`} in the last 15 minutes, \${duration(total)} in all\`;
}
// charts.ts
const STRIP_LEAST_MS = 12_000;
const HEIGHT = 20;
const SAMPLES = 60;
const TOP = { open: 1, held: 1, probing: 8, closed: 15 };
class Strip {
    element = svg('svg', { class: 'strip', viewBox: \`0 0 \${STRIP_MS / 1000} \${HEIGHT}\`, preserveAspectRatio: 'none', role: 'img' });
    #paths = new Map();
    constructor() {
        for (const shape of ['closed', 'probing', 'open', 'held']) {
            const path = svg('path', { class: \`s-\${shape}\` });
            this.#paths.set(shape, path);
            this.element.append(path);
        }
    }
    draw(row, now) {
        const start = now - STRIP_MS;
        const stretches = stretchesOf(row, now);
        for (const [shape, path] of this.#paths) {
            const boxes = stretches.filter((stretch) => stretch.shape === shape).map(({ from, to }) => box(shape, from - start, to - start));
            setAttribute(path, 'd', boxes.join(''));
        }
        setAttribute(this.element, 'aria-label', spoken(stretches));
    }
}
class Spark {
    element = svg('svg', {
        class: 'spark',
        viewBox: \`0 0 \${SAMPLES} \${HEIGHT}\`,
        preserveAspectRatio: 'none',
        'aria-hidden': 'true',
    });
    #requests = svg('path', { class: 's-requests' });
    #failures = svg('path', { class: 's-failures' });
    constructor() {
        this.element.append(this.#requests, this.#failures);
    }
    draw([requests, failures]) {
        const most = Math.max(1, ...requests);
        setAttribute(this.#requests, 'd', area(requests, most));
        setAttribute(this.#failures, 'd', area(failures, most));
    }
}
function box(shape, from, to) {
    const wide = shape === 'closed' ? to - from : Math.max(STRIP_LEAST_MS, to - from);
    const left = Math.max(0, Math.min(from, STRIP_MS - wide));
    return \`M\${left / 1000} \${TOP[shape]}h\${wide / 1000}V\${HEIGHT - 2}h\${-wide / 1000}z\`;
}
function area(values, most) {
    if (values.every((value) => value === 0))
        return '';
    const first = SAMPLES - values.length;
    const y = (value) => Math.round((HEIGHT - 1 - (value === 0 ? 0 : Math.max(1.5, (value / most) * (HEIGHT - 3)))) * 10) / 10;
    const steps = values.map((value) => \`V\${y(value)}h1\`).join('');
    return \`M\${first} \${HEIGHT - 1}\${steps}V\${HEIGHT - 1}z\`;
}
// detail.ts
const ACTIONS = [
    ['reset', 'Reset…'],
    ['force-open', 'Force open…'],
    ['force-close', 'Force closed…'],
];
const ANSWERS = [
    ['cache', 'last good response'],
    ['fallback', 'a fallback'],
    ['error', 'an immediate error'],
];
const OPERATIONS_MS = 3_000;
class Detail {
    element = el('div', { class: 'detail' });
    #host;
    #answersTitle = el('h3');
    #answers = el('ul', { class: 'answers' });
    #errors = el('tbody');
    #facts = el('dl', { class: 'facts' });
    #operations = el('tbody');
    #operationsPart;
    #row;
    #timer;
    constructor(row, host) {
        this.#row = row;
        this.#host = host;
        const errors = smallTable(['Class', 'Failures', 'Last'], this.#errors);
        const operations = smallTable(['Operation', 'Calls', 'Errors', 'Last good', 'Fallback', 'In flight'], this.#operations);
        this.#operationsPart = el('section', { class: 'wide' }, el('h3', {}, \`Operations of \${row.service}\`), operations);
        this.element.append(el('section', {}, this.#answersTitle, this.#answers), el('section', {}, el('h3', {}, 'Failures by class'), errors), el('section', {}, el('h3', {}, 'Circuit'), this.#facts), this.#operationsPart, el('div', { class: 'buttons' }, ...ACTIONS.map(([action, label]) => this.#button(action, label))));
    }
    open() {
        void this.#askOperations();
        this.#timer ??= setInterval(() => void this.#askOperations(), OPERATIONS_MS);
    }
    close() {
        clearInterval(this.#timer);
        this.#timer = undefined;
    }
    update(row, now) {
        this.#row = row;
        this.#showAnswers(row, now);
        this.#showFacts(row);
        this.tick(now);
    }
    tick(now) {
        const { errors } = this.#row;
        rows(this.#errors, errors.map(([cause, failures, lastAt]) => [cause, count(failures), ago(now - lastAt)]), 'No failure since the dashboard started.');
    }
    #button(action, label) {
        const button = el('button', { type: 'button', class: 'quiet action', 'aria-label': \`\${label} \${this.#row.name}\` }, label);
        button.addEventListener('click', () => this.#host.act(action, this.#row.name));
        return button;
    }
    #showAnswers(row, now) {
        const ever = row.downSince === null && row.totals.opened === 0;
        const shown = ever ? row.answers : row.outage;
        const title = ever
            ? 'What callers got instead'
            : row.downSince === null
                ? 'What callers got in the last outage'
                : \`What callers get since \${moment(row.downSince, now)}\`;
        setText(this.#answersTitle, title);
        const total = shown.cache + shown.fallback + shown.error;
        while (this.#answers.children.length < ANSWERS.length) {
            this.#answers.append(el('li', {}, el('span'), el('b'), el('meter', { min: 0, max: 1, 'aria-hidden': 'true' })));
        }
        for (const [at, [key, label]] of ANSWERS.entries()) {
            const [name, figure, bar] = this.#answers.children[at]?.children ?? [];
            if (name === undefined || figure === undefined || bar === undefined)
                continue;
            setText(name, label);
            setText(figure, count(shown[key]));
            bar.value = total === 0 ? 0 : shown[key] / total;
            bar.className = key;
        }
    }
    #showFacts({ settings, totals, failures, state, since, name }) {
        const soFar = state === 'closed' && failures > 0 ? \` (\${failures} so far)\` : '';
        const opens = settings.window ? 'by rates over its window' : \`after \${times(settings.failureThreshold, 'failure')} in a row\${soFar}\`;
        const facts = [
            ['Name', name],
            ['Opens', opens],
            ['Probes', \`\${duration(settings.recoveryTimeoutMs)} after it opened\`],
            ['Closes', \`after \${times(settings.successThreshold, 'successful probe')}\`],
            ['In this state', \`since \${moment(since, Date.now())}\`],
            ['Requests', count(totals.requests)],
            ['Failed', \`\${count(totals.failed)}, \${count(totals.timedOut)} by timeout\`],
            ['Refused', count(totals.refused)],
            ['Opened', totals.opened === 1 ? 'once' : \`\${count(totals.opened)} times\`],
            ...(totals.bulkhead > 0 ? [['Bulkhead full', times(totals.bulkhead, 'time')]] : []),
            ...(totals.rateLimit > 0 ? [['Rate limited', times(totals.rateLimit, 'time')]] : []),
        ];
        while (this.#facts.children.length < facts.length)
            this.#facts.append(el('div', {}, el('dt'), el('dd')));
        for (const [at, [term, text]] of facts.entries()) {
            const [dt, dd] = this.#facts.children[at]?.children ?? [];
            if (dt !== undefined)
                setText(dt, term);
            if (dd !== undefined)
                setText(dd, text);
        }
    }
    async #askOperations() {
        const operations = await this.#host.operations(this.#row.service).catch(() => undefined);
        if (operations === undefined)
            return;
        this.#operationsPart.hidden = operations.length === 0;
        rows(this.#operations, operations.map(([operation, ...counts]) => [operation, ...counts.map(count)]), '');
    }
}
function smallTable(heads, body) {
    return el('table', { class: 'small' }, el('thead', {}, el('tr', {}, ...heads.map((head) => el('th', { scope: 'col' }, head)))), body);
}
function rows(body, texts, nothing) {
    if (texts.length === 0) {
        if (body.textContent !== nothing || nothing === '')
            body.replaceChildren(...(nothing === '' ? [] : [el('tr', {}, el('td', { colspan: 9, class: 'note' }, nothing))]));
        return;
    }
    const lines = texts.map((cells, at) => {
        const known = body.children[at];
        if (known?.children.length !== cells.length)
            return el('tr', {}, ...cells.map((text, n) => (n === 0 ? el('th', { scope: 'row' }, text) : el('td', { class: 'num' }, text))));
        for (const [n, text] of cells.entries()) {
            const cell = known.children[n];
            if (cell !== undefined)
                setText(cell, text);
        }
        return known;
    });
    arrange(body, lines);
}
// row-view.ts
const COLUMNS_COUNT = 9;
const NAMED_ERRORS = 2;
const NOTABLE_SHARE = 0.05;
let lastId = 0;
class RowView {
    element = el('tbody', { role: 'rowgroup', class: 'circuit' });
    row;
    #host;
    #button;
    #why = el('td', { role: 'cell', colspan: COLUMNS_COUNT });
    #whyRow = el('tr', { role: 'row', class: 'why', hidden: true }, this.#why);
    #icon = icon('closed');
    #state = el('span', { class: 'word' });
    #time = el('span', { class: 'time' });
    #strip = new Strip();
    #spark = new Spark();
    #rate = el('span');
    #failed = el('td', { role: 'cell', class: 'num failed', 'data-label': 'failed' });
    #latency = ['p50', 'p95', 'p99'].map((name) => el('td', { role: 'cell', class: \`num quantile \${name}\`, 'data-label': name }));
    #errors = el('td', { role: 'cell', class: 'errors', 'data-label': 'last errors' });
    #detailRow;
    #detailCell = el('td', { role: 'cell', colspan: COLUMNS_COUNT });
    #detail;
    #now = 0;
    constructor(row, host) {
        this.row = row;
        this.#host = host;
        const id = \`detail-\${++lastId}\`;
        this.#button = el('button', { type: 'button', class: 'expander', title: row.name, 'aria-expanded': 'false', 'aria-controls': id }, icon('chevron'), el('span', {}, ...nameParts(row.name)));
        this.#button.addEventListener('click', () => this.toggle());
        const service = row.name.startsWith(row.service) ? [] : [el('span', { class: 'service' }, row.service)];
        this.element.append(el('tr', { role: 'row', class: 'line' }, el('th', { role: 'rowheader', scope: 'row', class: 'name' }, this.#button, ...service), el('td', { role: 'cell', class: 'state' }, el('span', { class: 'badge' }, this.#icon, this.#state), this.#time), el('td', { role: 'cell', class: 'past' }, this.#strip.element), el('td', { role: 'cell', class: 'num rate', 'data-label': 'req/s' }, this.#spark.element, this.#rate), this.#failed, ...this.#latency, this.#errors));
        this.element.append(this.#whyRow);
        this.#detailRow = el('tr', { role: 'row', class: 'more', id, hidden: true }, this.#detailCell);
        this.element.append(this.#detailRow);
    }
    get open() {
        return !this.#detailRow.hidden;
    }
    toggle(open = !this.open) {
        setHidden(this.#detailRow, !open);
        this.#button.setAttribute('aria-expanded', String(open));
        this.element.classList.toggle('is-open', open);
        if (!open) {
            this.#detail?.close();
            return;
        }
        if (this.#detail === undefined) {
            this.#detail = new Detail(this.row, this.#host);
            this.#detailCell.append(this.#detail.element);
        }
        this.#detail.update(this.row, this.#now);
        this.#detail.open();
    }
    focus() {
        this.#button.focus();
    }
    update(row, now) {
        const { latency, course } = row;
        if (course !== this.row.course || !this.#spark.element.hasAttribute('data-drawn')) {
            this.#spark.draw(course);
            this.#spark.element.setAttribute('data-drawn', '');
        }
        this.row = row;
        const standing = standingOf(row);
        setAttribute(this.element, 'data-standing', standing);
        setIcon(this.#icon, wordsOf(standing).icon);
        setText(this.#state, wordsOf(standing).label);
        setText(this.#rate, rate(row.rate));
        setText(this.#failed, row.failedShare === null ? '–' : percent(row.failedShare));
        this.#failed.classList.toggle('notable', (row.failedShare ?? 0) >= NOTABLE_SHARE);
        for (const [at, cell] of this.#latency.entries())
            setText(cell, latency === null ? '–' : milliseconds(latency[at] ?? 0));
        this.#showErrors(row, now);
        this.drawPast(now);
        this.tick(now);
        if (this.open)
            this.#detail?.update(row, now);
    }
    drawPast(now) {
        this.#strip.draw(this.row, now);
    }
    tick(now) {
        this.#now = now;
        setText(this.#time, timeText(this.row, now));
        const why = whyText(this.row);
        setText(this.#why, why);
        setHidden(this.#whyRow, why === '');
        if (this.open)
            this.#detail?.tick(now);
    }
    #showErrors({ errors }, now) {
        const named = errors.slice(0, NAMED_ERRORS).map(([cause, times]) => \`\${cause} ×\${count(times)}\`);
        const more = errors.length > NAMED_ERRORS ? [\`+\${errors.length - NAMED_ERRORS}\`] : [];
        const wanted = [...named, ...more];
        const known = [...this.#errors.children].map(({ textContent }) => textContent);
        if (wanted.join('\\n') !== known.join('\\n'))
            this.#errors.replaceChildren(...wanted.map((text) => el('span', { class: 'chip' }, text)));
        const last = errors[0]?.[2];
        setAttribute(this.#errors, 'title', last === undefined ? '' : \`last \${ago(now - last)}\`);
    }
}
function timeText(row, now) {
    const standing = standingOf(row);
    if (standing === 'closed' || standing === 'failing')
        return '';
    if (standing === 'ramping')
        return \`\${percent(row.rampShare)} of calls pass\`;
    if (standing === 'open' && row.retryAt !== null)
        return \`probes in \${countdown(row.retryAt - now)}\`;
    if (standing === 'probing')
        return \`\${row.successes} of \${row.settings.successThreshold} succeeded\`;
    if (standing === 'blocked')
        return \`by \${row.blockedBy}\`;
    return \`for \${age(now - row.since)}\`;
}
function whyText(row) {
    const standing = standingOf(row);
    if (standing === 'failing' && row.signIn !== null)
        return \`the sign-in \${row.signIn.name} fails since \${moment(row.signIn.since, row.signIn.since)} · \${row.signIn.what} · \${row.signIn.action}\`;
    if (wordsOf(standing).group !== 'down' && standing !== 'probing')
        return '';
    const now = row.downSince ?? row.since;
    const since = row.downSince === null ? [] : [\`since \${moment(row.downSince, now)}\`];
    const why = row.reason === null || row.forced === 'open' ? [] : [reasonText({ reason: row.reason })];
    return [...since, ...why, answersText(row.outage)].join(' · ');
}
// table.ts
const COLUMNS = [
    ['Circuit', 'name', 'name'],
    ['State', 'problems', 'state', 'Problems first'],
    ['Last 15 min', 'since', 'past', 'Latest change first'],
    ['Req/s', 'rate', 'num rate', 'Attempts per second in the last minute, with the course of the last five'],
    ['Failed', 'failed', 'num share', 'Share of attempts that failed in the last minute'],
    ['p50', 'p50', 'num quantile', 'Half of the attempts took no longer'],
    ['p95', 'p95', 'num quantile', '95 of 100 attempts took no longer'],
    ['p99', 'p99', 'num quantile', '99 of 100 attempts took no longer'],
    ['Last errors', 'errors', 'errors', 'Failures by class, the latest first'],
];
const SORTS = [
    ['problems', 'problems first'],
    ['name', 'by name'],
    ['since', 'latest change'],
    ['rate', 'most requests'],
    ['failed', 'most failures'],
    ['p50', 'highest p50'],
    ['p95', 'highest p95'],
    ['p99', 'highest p99'],
    ['errors', 'latest error'],
];
class Table {
    view = ALL;
    #store;
    #host;
    #views = new Map();
    #table = byId('table');
    #sort = byId('sort');
    #heads = new Map();
    constructor(store, host, changed) {
        this.#store = store;
        this.#host = host;
        const sortBy = (sort) => changed({ ...this.view, sort });
        for (const [label, sort, style, title] of COLUMNS) {
            const head = el('th', { role: 'columnheader', scope: 'col', class: style });
            if (sort === undefined)
                head.append(label);
            else {
                const button = el('button', { type: 'button', title }, label);
                button.addEventListener('click', () => sortBy(sort));
                head.append(button);
                this.#heads.set(sort, head);
            }
            byId('heads').append(head);
        }
        this.#sort.append(...SORTS.map(([key, label]) => el('option', { value: key }, label)));
        this.#sort.addEventListener('change', () => sortBy(this.#sort.value));
        this.#table.addEventListener('pointerleave', () => this.arrange());
        this.#table.addEventListener('focusout', () => queueMicrotask(() => this.arrange()));
    }
    update(changed) {
        const { circuits, now } = this.#store;
        for (const name of changed) {
            const row = circuits.get(name);
            if (row === undefined)
                continue;
            let view = this.#views.get(name);
            if (view === undefined) {
                view = new RowView(row, this.#host);
                this.#views.set(name, view);
            }
            view.update(row, now);
        }
        for (const [name, view] of this.#views) {
            if (circuits.has(name))
                continue;
            view.toggle(false);
            this.#views.delete(name);
        }
        this.arrange();
    }
    tick(drawPast) {
        const { now } = this.#store;
        for (const view of this.#views.values()) {
            view.tick(now);
            if (drawPast)
                view.drawPast(now);
        }
    }
    arrange(force = false) {
        const wanted = arranged(this.#store.circuits.values(), this.view).map(({ name }) => name);
        const bodies = [...this.#table.tBodies];
        const held = !force && bodies.some((body) => body.matches(':hover, :focus-within'));
        const names = held ? this.#asTheyAre(wanted, bodies) : wanted;
        const elements = names.map((name) => this.#views.get(name)?.element).filter((element) => element !== undefined);
        arrange(this.#table, elements, this.#table.tHead?.nextSibling ?? null);
        this.#showView(names.length, names.some((name, at) => name !== wanted[at]));
    }
    #asTheyAre(wanted, bodies) {
        const place = new Map(bodies.map((body, at) => [body, at]));
        const placeOf = (name) => place.get(this.#views.get(name)?.element) ?? bodies.length;
        return [...wanted].sort((a, b) => placeOf(a) - placeOf(b));
    }
    reveal(name) {
        const view = this.#views.get(name);
        if (view === undefined)
            return;
        view.toggle(true);
        view.element.scrollIntoView({ block: 'center', behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
        view.focus();
    }
    #showView(shown, held) {
        const { sort, text, group } = this.view;
        const total = this.#store.circuits.size;
        for (const [key, head] of this.#heads)
            setAttribute(head, 'aria-sort', key === sort ? (key === 'name' || key === 'problems' ? 'ascending' : 'descending') : 'none');
        if (this.#sort.value !== sort)
            this.#sort.value = sort;
        const { left } = this.#store;
        const hidden = left === 0 ? '' : \` of \${count(total + left)}: circuits with problems, and the busiest\`;
        const note = held ? ' · in the old order while you are here' : '';
        setText(byId('shown'), (shown === total ? count(total) : \`\${count(shown)} of \${count(total)}\`) + hidden + note);
        setHidden(this.#table, shown === 0);
        setHidden(byId('nothing'), shown > 0);
        setHidden(byId('clear'), total === 0);
        const filter = text === '' ? \`that is \${group === 'down' ? 'down' : group}\` : \`that matches “\${text}”\`;
        setText(byId('nothing-text'), total === 0 ? 'No circuit yet. One appears with the first client or protected function.' : \`There is no circuit \${filter}.\`);
    }
}
// theme.ts
const THEME_KEY = 'fuseline.dashboard.theme';
const THEMES = ['auto', 'light', 'dark'];
function startTheme() {
    let theme = kept();
    const show = () => {
        if (theme === 'auto')
            delete document.documentElement.dataset['theme'];
        else
            document.documentElement.dataset['theme'] = theme;
        setText(byId('theme'), \`Theme: \${theme}\`);
    };
    byId('theme').addEventListener('click', () => {
        theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'auto';
        try {
            localStorage.setItem(THEME_KEY, theme);
        }
        catch {
        }
        show();
    });
    show();
}
function kept() {
    try {
        const found = localStorage.getItem(THEME_KEY);
        return THEMES.find((theme) => theme === found) ?? 'auto';
    }
    catch {
        return 'auto';
    }
}
// timeline.ts
const MAX_SHOWN = 100;
class Timeline {
    #store;
    #reveal;
    #list = byId('timeline');
    #items = new Map();
    constructor(store, reveal) {
        this.#store = store;
        this.#reveal = reveal;
    }
    clear() {
        this.#items.clear();
    }
    update() {
        const { timeline, now } = this.#store;
        const shown = condensed(timeline).slice(-MAX_SHOWN).reverse();
        const ids = new Set(shown.map(({ entry }) => entry.id));
        for (const id of this.#items.keys())
            if (!ids.has(id))
                this.#items.delete(id);
        arrange(this.#list, shown.map((line) => this.#itemOf(line, now)));
        setHidden(byId('timeline-empty'), shown.length > 0);
        setHidden(this.#list, shown.length === 0);
    }
    #itemOf({ entry, failedProbes }, now) {
        const known = this.#items.get(entry.id);
        if (known !== undefined)
            return known;
        const { icon: shape, standing } = entryStanding(entry);
        const text = el('span', { class: 'text' });
        if (entry.circuit !== '*') {
            const name = el('button', { type: 'button', class: 'plain' }, ...nameParts(entry.circuit));
            name.addEventListener('click', () => this.#reveal(entry.circuit));
            text.append(name, ' ');
        }
        text.append(failedProbes > 0 ? probesText(entry, failedProbes) : entryText(entry));
        const time = el('time', { datetime: new Date(entry.at).toISOString() }, precise(entry.at, now));
        const item = el('li', { 'data-standing': standing }, icon(shape), time, text);
        this.#items.set(entry.id, item);
        return item;
    }
}
// main.ts
const PAST_TICKS = 10;
const SILENT_BEATS = 2.5;
const store = new Store();
const session = new Session();
const api = new Api(session, location.pathname);
const status = new Status(store);
const actions = new Actions(store, session, api, showLock);
const search = byId('search');
const table = new Table(store, { act: (action, circuit) => actions.ask({ action, circuit }), operations: (service) => api.operations(service) }, setView);
const filters = new Filters(store, (group) => setView({ ...table.view, group }));
const banner = new Banner(store, {
    reveal,
    reset: (circuit) => actions.ask({ action: 'reset', circuit }),
    show: (group) => setView({ ...ALL, group }),
});
const timeline = new Timeline(store, reveal);
const stream = new Stream({
    url: api.eventsUrl,
    headers: () => session.headers(),
    onEvent: take,
    onLink: showLink,
    silenceMs: () => store.heartbeatMs * SILENT_BEATS,
});
const dirty = new Set();
let drawing = false;
let refused = false;
let ticks = 0;
let hasActions = false;
function take({ event, data }) {
    const message = JSON.parse(data);
    let entries = [];
    if (event === 'state') {
        entries = store.takeState(message);
        timeline.clear();
        for (const name of store.circuits.keys())
            dirty.add(name);
    }
    else if (event === 'update') {
        entries = message.timeline;
        for (const name of store.takeUpdate(message))
            dirty.add(name);
    }
    else
        store.heard(message.now);
    status.update();
    announceEntries(entries);
    draw();
}
function draw() {
    if (drawing)
        return;
    drawing = true;
    requestAnimationFrame(() => {
        drawing = false;
        setHidden(byId('content'), !store.known || refused);
        for (const id of ['banner', 'filters'])
            setHidden(byId(id), store.circuits.size === 0);
        table.update(dirty);
        dirty.clear();
        filters.update(table.view);
        banner.update();
        timeline.update();
    });
}
function setView(view) {
    table.view = view;
    if (search.value !== view.text)
        search.value = view.text;
    table.arrange(true);
    filters.update(view);
}
function reveal(circuit) {
    if (!store.circuits.has(circuit)) {
        toast(\`\${circuit} no longer exists.\`, true);
        return;
    }
    setView({ ...ALL, sort: table.view.sort });
    table.reveal(circuit);
}
function showLink(link) {
    store.live = link.kind === 'live';
    status.link = link;
    refused = link.kind === 'refused';
    setHidden(byId('signin'), !refused);
    if (link.kind === 'refused') {
        setText(byId('signin-error'), link.wrong ? 'The server does not know this token.' : '');
        byId('signin-token').focus();
    }
    if (link.kind === 'live')
        void lookForActions();
    draw();
}
let looked = false;
async function lookForActions() {
    if (looked)
        return;
    looked = true;
    try {
        const token = session.admin ?? session.read;
        const { there, allowed } = await api.actions(token);
        hasActions = there;
        if (there && allowed)
            session.admin = token;
    }
    catch {
        looked = false;
    }
    showLock();
}
function showLock() {
    document.documentElement.classList.toggle('no-actions', !hasActions);
    const button = byId('unlock');
    setHidden(button, !hasActions);
    setText(button, session.admin === undefined ? 'Unlock actions' : 'Lock actions');
}
function signIn(event) {
    event.preventDefault();
    const field = byId('signin-token');
    session.read = field.value.trim();
    field.value = '';
    if (byId('signin-keep').checked)
        session.keep();
    looked = false;
    stream.retry();
}
function lockOrUnlock() {
    if (session.admin === undefined)
        actions.ask({ action: 'unlock' });
    else {
        session.forget();
        showLock();
    }
}
startTheme();
showLock();
byId('signin-form').addEventListener('submit', signIn);
byId('retry').addEventListener('click', () => stream.retry());
byId('unlock').addEventListener('click', lockOrUnlock);
byId('reset-all').addEventListener('click', () => actions.ask({ action: 'reset-all' }));
byId('clear').addEventListener('click', () => setView({ ...ALL, sort: table.view.sort }));
search.addEventListener('input', () => setView({ ...table.view, text: search.value }));
document.addEventListener('keydown', (event) => {
    const typing = event.target instanceof HTMLElement && event.target.matches('input, select, textarea');
    if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey && !byId('dialog').open) {
        event.preventDefault();
        search.focus();
    }
    else if (event.key === 'Escape' && event.target === search)
        setView({ ...table.view, text: '' });
});
addEventListener('online', () => stream.retry());
setInterval(() => {
    ticks++;
    status.update();
    if (document.hidden || !store.known)
        return;
    table.tick(ticks % PAST_TICKS === 0);
    banner.update();
}, 1_000);
void stream.run();
</script>
</body>
</html>
`;
