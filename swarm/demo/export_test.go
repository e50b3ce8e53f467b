package demo

import "net"

// Hurry makes the lives of the crowd so many times shorter.
func (c *Crowd) Hurry(times float64) { c.speed = times }

// Pace returns c as a peer with that uplink, in bytes a second, uses it.
func Pace(c net.Conn, bytesPerSecond float64) net.Conn {
	return newUplink(host{}, bytesPerSecond).pace(c)
}
