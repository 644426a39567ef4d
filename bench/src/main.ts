import './untouched.ts'
