package ui_test

import "testing"

// TestTogglesThatWaitAreBounded holds a key down while the first toggle does not end.
func TestTogglesThatWaitAreBounded(t *testing.T) {
	onScreen(t, 120, 35, healthy(), func(t *testing.T, s *screen) {
		s.choose("button.css")
		for range 33 {
			s.model.Update(keyPress("space")) // what it asks for is not run
		}
		s.misses("still under way")
		s.model.Update(keyPress("space"))
		s.sees("earlier starts and stops are still under way")
	})
}
