import { expect, test } from 'vitest'
import { isWindowState, placeWindow, type Rectangle, type WindowState } from './window-state.ts'

const primary: Rectangle = { x: 0, y: 25, width: 1366, height: 743 }
const left: Rectangle = { x: -1920, y: 0, width: 1920, height: 1080 }

test('the first start fits the primary display', () => {
  expect(placeWindow(null, [primary])).toEqual({ width: 1280, height: 720, maximized: false })
  expect(placeWindow(null, [{ x: 0, y: 0, width: 800, height: 480 }])).toMatchObject({
    width: 800,
    height: 480,
  })
})

test('a window opens where it was left, on any display', () => {
  const saved: WindowState = { bounds: { x: -1800, y: 40, width: 1500, height: 900 }, maximized: true }
  expect(placeWindow(saved, [primary, left])).toEqual({
    x: -1800,
    y: 40,
    width: 1500,
    height: 900,
    maximized: true,
  })
})

test('a window of a display that is gone opens on the primary one', () => {
  const saved: WindowState = { bounds: { x: -1800, y: 40, width: 1500, height: 900 }, maximized: false }
  expect(placeWindow(saved, [primary])).toEqual({ width: 1366, height: 743, maximized: false })
})

test('a window whose title bar cannot be taken hold of is placed anew', () => {
  const above = { bounds: { x: 100, y: -400, width: 900, height: 600 }, maximized: false }
  const beside = { bounds: { x: 1300, y: 100, width: 900, height: 600 }, maximized: false }
  expect(placeWindow(above, [primary])).not.toHaveProperty('x')
  expect(placeWindow(beside, [primary])).not.toHaveProperty('x')
})

test('no display at all does not stop the start', () => {
  expect(placeWindow(null, [])).toMatchObject({ width: 1280, height: 720 })
})

test.each([
  null,
  {},
  { bounds: null, maximized: true },
  { bounds: { x: 0, y: 0, width: 0, height: 10 }, maximized: false },
  { bounds: { x: 0.5, y: 0, width: 10, height: 10 }, maximized: false },
  { bounds: { x: 0, y: 0, width: '10', height: 10 }, maximized: false },
])('refuses a saved state that is none: %j', (value) => {
  expect(isWindowState(value)).toBe(false)
})
