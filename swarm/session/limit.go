package session

import (
	"fmt"

	"golang.org/x/time/rate"

	"swarmtop/swarm"
)

// leastUpload is the lowest upload limit in bytes a second: below it requests time
// out before they are answered.
const leastUpload = 4 << 10

// SetUploadLimit bounds what is sent to all peers together, in bytes a second;
// unknown lifts the bound.
func (s *Session) SetUploadLimit(limit swarm.Opt[int64]) error {
	n, limited := limit.Get()
	switch {
	case !limited:
		s.up.SetLimit(rate.Inf)
	case n < leastUpload:
		return fmt.Errorf("limit uploads to %d bytes a second: at least %d are needed; turn seeding off to send nothing", n, leastUpload)
	default:
		s.up.SetLimit(rate.Limit(n))
	}
	return nil
}

// UploadLimit returns the bound of [Session.SetUploadLimit].
func (s *Session) UploadLimit() swarm.Opt[int64] {
	if l := s.up.Limit(); l != rate.Inf {
		return swarm.Known(int64(l))
	}
	return swarm.Opt[int64]{}
}
