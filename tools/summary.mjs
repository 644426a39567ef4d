import { readFileSync } from 'node:fs'

// Plain JavaScript, so that the closing line comes out under any Node.
const path = process.argv[2] ?? '.vitest/report.json'
const count = { passed: 0, failed: 0, skipped: 0 }

function files() {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).testResults
  } catch {
    console.error(`No test report at ${path}: the tests did not run to their end`)
    process.exitCode = 1
    return []
  }
}

for (const file of files()) {
  const statuses = file.assertionResults.map(({ status }) => status)
  // A file that fails to load has no test to blame.
  if (file.status === 'failed' && !statuses.includes('failed')) statuses.push('failed')
  for (const status of statuses) count[status in count ? status : 'skipped']++
}

console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`)
