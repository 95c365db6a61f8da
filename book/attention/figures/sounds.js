(() => {
  const players = [...document.getElementById('ID').querySelectorAll('audio')];
  for (const player of players) {
    player.addEventListener('play', () => {
      players.filter((other) => other !== player).forEach((other) => other.pause());
    });
  }
})();
