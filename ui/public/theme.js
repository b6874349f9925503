// Runs before the first paint, so that a chosen theme does not flash. Kept out of the bundle for that reason alone.
(() => {
  const theme = localStorage.getItem('sluice.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
})();
