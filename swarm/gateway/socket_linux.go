package gateway

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"unsafe"
)

// socket reads and writes a TCP connection by raw system calls, which never block
// here: the scheduler of Go does without being told of them, which saves about a
// tenth of an answer. Any other connection it reads as usual.
type socket struct {
	conn   net.Conn
	raw    syscall.RawConn // nil for another connection than TCP
	reader func(fd uintptr) bool
	writer func(fd uintptr) bool
	call   *call
}

// call is what a system call is made with, and what came of it.
type call struct {
	in     []byte
	out    [3]syscall.Iovec
	n      int
	failed syscall.Errno
}

func newSocket(c net.Conn) socket {
	s := socket{conn: c}
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return s
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return s
	}
	s.raw, s.call = raw, &call{}
	s.reader, s.writer = s.call.read, s.call.write
	return s
}

// read waits for bytes, of which there are some unless it fails.
func (s *socket) read(p []byte) (int, error) {
	if s.raw == nil || len(p) == 0 {
		return s.conn.Read(p)
	}
	s.call.in = p
	err := s.raw.Read(s.reader)
	s.call.in = nil
	switch {
	case err != nil:
		return 0, err
	case s.call.failed != 0:
		return 0, os.NewSyscallError("read", s.call.failed)
	case s.call.n == 0:
		return 0, io.EOF
	}
	return s.call.n, nil
}

func (c *call) read(fd uintptr) bool {
	n, _, failed := syscall.RawSyscall(syscall.SYS_READ, fd, uintptr(unsafe.Pointer(unsafe.SliceData(c.in))), uintptr(len(c.in)))
	c.n, c.failed = int(n), failed
	return failed != syscall.EAGAIN && failed != syscall.EINTR
}

// write writes what can leave at once of some parts.
func (s *socket) write(parts *[3][]byte) (int, error) {
	if s.raw == nil {
		return 0, nil
	}
	for i, p := range parts {
		s.call.out[i].Base = unsafe.SliceData(p)
		s.call.out[i].SetLen(len(p))
	}
	err := s.raw.Write(s.writer)
	s.call.out = [3]syscall.Iovec{}
	switch {
	case err != nil:
		return 0, err
	case errors.Is(s.call.failed, syscall.EAGAIN), errors.Is(s.call.failed, syscall.EINTR):
		return 0, nil
	case s.call.failed != 0:
		return 0, os.NewSyscallError("writev", s.call.failed)
	}
	return s.call.n, nil
}

func (c *call) write(fd uintptr) bool {
	n, _, failed := syscall.RawSyscall(syscall.SYS_WRITEV, fd, uintptr(unsafe.Pointer(&c.out)), uintptr(len(c.out)))
	c.n, c.failed = int(n), failed
	return true
}
