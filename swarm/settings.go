package swarm

import "time"

// Settings are what manifests say of the screen, and what their last reading came
// to. They are immutable once published.
type Settings struct {
	Theme string              // name of a theme or path of its file; empty follows the terminal
	Saved time.Time           // when the theme's file was saved last; zero where there is none
	Keys  map[string][]string // by action; those of others stay as they are

	Notice string // one line for the user; empty when nothing was read again
	Failed bool   // Notice tells of a mistake
}

// SettingError is a mistake in one setting.
type SettingError struct {
	Key string // as a manifest has it: "theme", "keys.add"
	Err error
}

func (e *SettingError) Error() string { return e.Key + ": " + e.Err.Error() }

// Unwrap returns the mistake itself.
func (e *SettingError) Unwrap() error { return e.Err }
