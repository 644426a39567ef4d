// Lets the deadlines tick. Without it they stand as the server wrote them.
const units = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
]

function duration(milliseconds) {
  let rest = Math.max(0, Math.floor(milliseconds / 1000))
  const first = units.findIndex(([, size]) => rest >= size)
  if (first < 0) return '0 s'
  const parts = []
  for (const [unit, size] of units.slice(first, first + 2)) {
    const count = Math.floor(rest / size)
    rest %= size
    if (count) parts.push(`${count} ${unit}`)
  }
  return parts.join(' ')
}

const times = [...document.querySelectorAll('time[data-left]')]

// Counts from when the page came, so that it does not matter what the browser's clock says.
function tick() {
  for (const time of times) {
    time.textContent = duration(Number(time.dataset.left) - performance.now())
  }
}

if (times.length) setInterval(tick, 1000)
