package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
	"unsafe"
)

// insideFlag is the first argument of the second stage: this program again, already inside the namespace.
const insideFlag = "--inside"

func run(args []string) (int, error) {
	switch args[0] {
	case insideFlag:
		return 0, becomeProgram(args[1:])
	case "--check":
		return startInside([]string{"--inside", "/proc/self/exe", "--nothing"})
	case "--nothing":
		return 0, nil
	}
	return startInside(append([]string{insideFlag}, args...))
}

// The signal that a parent's end sends is the thread's that asked for it, and exec keeps that of the thread which calls it:
// the second stage has to replace itself on the thread that it began with, or the program outlives the first one.
func init() {
	runtime.LockOSThread()
}

// startInside runs this program again in new namespaces and waits for it.
func startInside(args []string) (int, error) {
	// The child is killed when the thread that started it ends: see init.
	child := exec.Command("/proc/self/exe", args...)
	child.Stdin, child.Stdout, child.Stderr = os.Stdin, os.Stdout, os.Stderr
	child.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	if os.Geteuid() != 0 {
		// Only the owner of a user namespace may make network namespaces, and only its root may bring interfaces up.
		child.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		child.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}}
		child.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}}
	}
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	if err := child.Start(); err != nil {
		return 1, fmt.Errorf("network namespaces cannot be made here: %s", reason(err))
	}
	go func() {
		for received := range signals {
			_ = child.Process.Signal(received)
		}
	}()
	err := child.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			return 128 + int(status.Signal()), nil
		}
		return exit.ExitCode(), nil
	}
	return 0, err
}

// reason says what usually lies behind the errors that systems without namespaces give.
func reason(err error) string {
	var code syscall.Errno
	switch errors.As(err, &code); code {
	case syscall.EPERM, syscall.EACCES:
		return code.Error() + " (a container's security profile, or kernel.apparmor_restrict_unprivileged_userns=1, forbids it)"
	case syscall.ENOSPC, syscall.EUSERS:
		return code.Error() + " (user.max_user_namespaces or user.max_net_namespaces is used up)"
	}
	return err.Error()
}

// becomeProgram brings the loopback interface up and replaces this process by the program.
func becomeProgram(args []string) error {
	if err := bringLoopbackUp(); err != nil {
		return fmt.Errorf("the loopback interface cannot be brought up here: %s", reason(err))
	}
	path, err := exec.LookPath(args[0])
	if err != nil {
		return err
	}
	return syscall.Exec(path, args, os.Environ())
}

func bringLoopbackUp() error {
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer syscall.Close(socket)
	// struct ifreq of netdevice(7): the interface's name, then its flags.
	request := struct {
		name  [syscall.IFNAMSIZ]byte
		flags uint16
		_     [22]byte
	}{flags: syscall.IFF_UP | syscall.IFF_RUNNING}
	copy(request.name[:], "lo")
	_, _, code := syscall.Syscall(syscall.SYS_IOCTL, uintptr(socket), syscall.SIOCSIFFLAGS, uintptr(unsafe.Pointer(&request)))
	if code != 0 {
		return code
	}
	return nil
}
