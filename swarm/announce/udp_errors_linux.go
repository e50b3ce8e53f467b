package announce

import (
	"encoding/binary"
	"net"
	"net/netip"
	"syscall"
)

// Most of an error queue's message: the packet that failed is of no interest, the
// error and where the packet was going are.
const errorSpace = 512

// askForErrors has the system keep what networks report of packets that conn has
// sent, such as that nobody listens on a port (ICMP, RFC 792; ip(7), IP_RECVERR).
func askForErrors(conn *net.UDPConn) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) { // one of them fails where a family is missing
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IP, syscall.IP_RECVERR, 1)
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IPV6, syscall.IPV6_RECVERR, 1)
	})
}

// reported calls f for each error that was kept since the last call: of a packet to to.
func reported(conn *net.UDPConn, f func(to netip.AddrPort, err syscall.Errno)) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) {
		control := make([]byte, errorSpace)
		for {
			_, n, _, to, err := syscall.Recvmsg(int(fd), nil, control, syscall.MSG_ERRQUEUE|syscall.MSG_DONTWAIT)
			if err == syscall.EINTR {
				continue
			}
			if err != nil {
				return
			}
			messages, _ := syscall.ParseSocketControlMessage(control[:n])
			for _, m := range messages {
				v4 := m.Header.Level == syscall.IPPROTO_IP && m.Header.Type == syscall.IP_RECVERR
				v6 := m.Header.Level == syscall.IPPROTO_IPV6 && m.Header.Type == syscall.IPV6_RECVERR
				if (v4 || v6) && len(m.Data) >= 4 {
					f(destination(to), syscall.Errno(binary.NativeEndian.Uint32(m.Data))) // ee_errno comes first
				}
			}
		}
	})
}

func destination(s syscall.Sockaddr) netip.AddrPort {
	switch s := s.(type) {
	case *syscall.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(s.Addr), uint16(s.Port))
	case *syscall.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(s.Addr).Unmap(), uint16(s.Port))
	}
	return netip.AddrPort{}
}
