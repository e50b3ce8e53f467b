package probe

// For the tests of this package.
var (
	HitInStatus = hitInStatus
	Lifetime    = lifetime
	IsHit       = isHit
)
