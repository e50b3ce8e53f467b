//go:build amd64 || arm64

package tracker

import (
	"bytes"
	"net"
	"net/netip"
	"os"
	"syscall"
	"unsafe"
)

// acceptor takes connections, and answers by itself what has come with them: most
// clients open one for each announce. That takes four system calls, none of which
// can block. They are raw ones, because the scheduler of Go takes the thread's place
// away from whoever makes another, and gives it back, at twice the price of the answer.
type acceptor struct {
	listener *os.File
	raw      syscall.RawConn
	exchange *exchange
	from     syscall.RawSockaddrAny // of the connection just accepted
}

// deferAccept has the system keep a connection to itself until its request has
// come, for a second at most.
func deferAccept(_, _ string, raw syscall.RawConn) error {
	return raw.Control(func(fd uintptr) {
		// Without it, requests come a little after their connections, and goroutines wait for them.
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_DEFER_ACCEPT, 1)
	})
}

// newAcceptor takes l over.
func newAcceptor(l net.Listener) (*acceptor, error) {
	defer l.Close()
	file, err := l.(*net.TCPListener).File() // the same socket
	if err != nil {
		return nil, err
	}
	raw, err := file.SyscallConn()
	if err != nil {
		file.Close()
		return nil, err
	}
	return &acceptor{listener: file, raw: raw, exchange: newExchange()}, nil
}

func (a *acceptor) close() { a.listener.Close() }

// accept waits for a connection and has it served, here or by w.
func (a *acceptor) accept(w *web) error {
	var fd int
	var failed syscall.Errno
	err := a.raw.Read(func(listener uintptr) bool {
		for {
			fd, failed = a.take(listener)
			if failed != syscall.EINTR && failed != syscall.ECONNABORTED {
				return failed != syscall.EAGAIN
			}
		}
	})
	switch {
	case err != nil:
		return err
	case failed != 0:
		return os.NewSyscallError("accept4", failed)
	}
	in, out, done := a.serve(w, fd)
	if done {
		_, _, _ = syscall.RawSyscall(syscall.SYS_CLOSE, uintptr(fd), 0, 0)
		return nil
	}
	a.handOver(w, fd, in, out)
	return nil
}

// handOver leaves a connection to a goroutine of w.
func (a *acceptor) handOver(w *web, fd int, in, out []byte) {
	file := os.NewFile(uintptr(fd), "")
	defer file.Close()
	if c, err := net.FileConn(file); err == nil { // else the client is gone
		w.take(c, bytes.Clone(in), bytes.Clone(out))
	}
}

// serve answers a connection that brought one whole request and is not to be kept,
// without waiting for the client. If it is not done then, in is what it has read,
// and out what is left to be written.
func (a *acceptor) serve(w *web, fd int) (in, out []byte, done bool) {
	x := a.exchange
	n, failed := receive(fd, x.in)
	if n <= 0 {
		return nil, nil, failed != syscall.EAGAIN && failed != syscall.EINTR
	}
	in = x.in[:n]
	r, size, status := parseRequest(in)
	if size != n || status != 0 || r.persist && !w.crowded() {
		return in, nil, false
	}
	x.respond(&r, w.answer, a.client(), false)
	n, failed = send(fd, x.out)
	if n < 0 && (failed == syscall.EAGAIN || failed == syscall.EINTR) {
		n = 0
	}
	return nil, x.out[max(n, 0):], n < 0 || n == len(x.out)
}

// take accepts a connection if there is one, and notes where it comes from.
func (a *acceptor) take(listener uintptr) (fd int, failed syscall.Errno) {
	size := uint32(syscall.SizeofSockaddrAny)
	n, _, failed := syscall.RawSyscall6(syscall.SYS_ACCEPT4, listener, uintptr(unsafe.Pointer(&a.from)),
		uintptr(unsafe.Pointer(&size)), syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, 0, 0)
	return int(n), failed
}

// client is the address of the connection that was accepted last.
func (a *acceptor) client() netip.Addr {
	switch a.from.Addr.Family {
	case syscall.AF_INET:
		return netip.AddrFrom4((*syscall.RawSockaddrInet4)(unsafe.Pointer(&a.from)).Addr)
	case syscall.AF_INET6:
		return netip.AddrFrom16((*syscall.RawSockaddrInet6)(unsafe.Pointer(&a.from)).Addr).Unmap()
	}
	return netip.Addr{}
}

// receive returns how many bytes it has read into b, −1 after a failure.
func receive(fd int, b []byte) (n int, failed syscall.Errno) {
	r, _, failed := syscall.RawSyscall6(syscall.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), 0, 0, 0)
	return int(r), failed
}

// send returns how many bytes of b it has written, −1 after a failure. They wait
// for more, so that they leave in one packet with the end of the connection.
func send(fd int, b []byte) (n int, failed syscall.Errno) {
	r, _, failed := syscall.RawSyscall6(syscall.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)),
		syscall.MSG_MORE|syscall.MSG_NOSIGNAL, 0, 0)
	return int(r), failed
}
