package swarm

import "fmt"

// Verdict is a judgement that a person can act on. Verdicts are ordered by how
// much they want attention: Unknown, Fine, Warning, Bad.
type Verdict uint8

// The verdicts, in rising order of urgency; the zero value is VerdictUnknown.
const (
	VerdictUnknown Verdict = iota
	Fine
	Warning
	Bad
)

var verdictNames = [...]string{"unknown", "fine", "warning", "bad"}

// String returns the word that the screen and the JSON snapshot use.
func (v Verdict) String() string { return name(verdictNames[:], v) }

// Worst returns the more urgent of two verdicts.
func (v Verdict) Worst(o Verdict) Verdict { return max(v, o) }

// MarshalText writes the word.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads the word.
func (v *Verdict) UnmarshalText(b []byte) error { return parseName(verdictNames[:], string(b), v) }

// Judged is what was found of an asset's content types, by who looked.
type Judged struct {
	Gateway  Verdict `json:"gateway"`  // its bytes are of the types that they are served as
	Metainfo Verdict `json:"metainfo"` // its .torrent file is one
	Probes   Verdict `json:"probes"`   // its public URLs answer it
}

// Verdict is the most urgent of them.
func (j Judged) Verdict() Verdict { return j.Gateway.Worst(j.Metainfo).Worst(j.Probes) }

func name[E ~uint8](names []string, e E) string {
	if int(e) < len(names) {
		return names[e]
	}
	return fmt.Sprintf("?%d", e)
}

func parseName[E ~uint8](names []string, s string, e *E) error {
	for i, n := range names {
		if n == s {
			*e = E(i)
			return nil
		}
	}
	return fmt.Errorf("unknown word %q", s)
}
