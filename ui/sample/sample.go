// Package sample hands out the fixed snapshots of which the pictures of the
// screen are made.
package sample

import (
	"strings"

	"swarmtop/swarm"
	"swarmtop/ui/internal/fixture"
)

// Healthy is a screen on which all is well.
func Healthy() *swarm.Snapshot { return latin(fixture.Healthy()) }

// Poisoned is the healthy screen while an edge of a public cache gives everybody
// the torrent.
func Poisoned() *swarm.Snapshot { return latin(fixture.Poisoned()) }

// Story is a screen that lives for half a minute.
type Story = fixture.Story

// Degraded is the same screen on a bad day.
func Degraded() *swarm.Snapshot { return latin(fixture.Degraded()) }

// latin renames what the font of the pictures cannot write.
func latin(s *swarm.Snapshot) *swarm.Snapshot {
	for i := range s.Swarms {
		s.Swarms[i].Name = strings.ReplaceAll(s.Swarms[i].Name, "-文字-", "-")
	}
	return s
}
