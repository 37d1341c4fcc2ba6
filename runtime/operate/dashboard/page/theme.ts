/** The theme: light, dark, or that of the system. */
import { byId, setText } from './dom.js';

const THEME_KEY = 'fuseline.dashboard.theme';
const THEMES = ['auto', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

/** Shows the last chosen theme, and changes it with a click. */
export function startTheme(): void {
  let theme = kept();
  const show = (): void => {
    if (theme === 'auto') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
    setText(byId('theme'), `Theme: ${theme}`);
  };
  byId('theme').addEventListener('click', () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'auto';
    try {
      localStorage.setItem(THEME_KEY, theme);
    } catch {
      // Without storage, the choice lasts for this visit only.
    }
    show();
  });
  show();
}

function kept(): Theme {
  try {
    const found = localStorage.getItem(THEME_KEY);
    return THEMES.find((theme) => theme === found) ?? 'auto';
  } catch {
    return 'auto';
  }
}
