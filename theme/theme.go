// Package theme maps the meaning of what is drawn (text, accent, a good or a bad
// verdict) to colours of the terminal.
package theme

// Theme is a set of compiled colours.
type Theme struct {
	Name string
}
