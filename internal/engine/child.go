package engine

import (
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// The shell that stands between this process and Java; see the file.
//
//go:embed child.sh
var script string

// attempts is how many ports are tried: another process may take a free port
// before the child does.
const attempts = 5

// tailSize is how much of the child's output an error carries.
const tailSize = 4 << 10

// child is DynamoDB Local, beneath a shell that ends it when this process ends.
type child struct {
	endpoint string
	nonce    string
	stdin    io.Closer // closing it ends the child
	log      *os.File
	dir      string        // the temporary directory it runs in
	done     chan struct{} // closed when the shell is gone, and with it Java
	err      error         // how the shell ended, once done is closed
}

// start returns a child that answers, on the first free port that no other
// process takes meanwhile.
func start(ctx context.Context, s *settings, jarDir string) (*child, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, s.timeout, fmt.Errorf("no answer within %v: %w", s.timeout, context.DeadlineExceeded))
	defer cancel()
	var errs []error
	for range attempts {
		port, err := s.freePort(ctx)
		if err != nil {
			return nil, &StartError{Err: err}
		}
		c, err := launch(ctx, s, jarDir, port)
		if err != nil {
			return nil, &StartError{Err: err}
		}
		if err = c.ready(ctx); err == nil {
			return c, nil
		}
		failed := &StartError{Err: err, Output: c.tail()}
		c.kill()
		if !errors.Is(err, errPortTaken) {
			return nil, failed
		}
		errs = append(errs, failed)
	}
	return nil, errors.Join(errs...)
}

// launch starts the shell and Java and waits for neither.
func launch(ctx context.Context, s *settings, jarDir string, port int) (_ *child, err error) {
	dir, err := os.MkdirTemp("", "dynarepo-engine-")
	if err != nil {
		return nil, err
	}
	c := &child{
		endpoint: "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(port)),
		nonce:    rand.Text(),
		dir:      dir,
		done:     make(chan struct{}),
	}
	defer func() {
		if err != nil {
			c.remove()
		}
	}()
	if c.log, err = os.Create(filepath.Join(dir, "engine.log")); err != nil {
		return nil, err
	}
	args := append([]string{"-c", script, "sh", dir, s.java}, s.javaFlags...)
	args = append(args,
		"-Djava.library.path="+filepath.Join(jarDir, "DynamoDBLocal_lib"),
		"-jar", filepath.Join(jarDir, jarName),
		"-inMemory", "-disableTelemetry",
		"-port", strconv.Itoa(port),
		"-cors", c.nonce, // what ready looks for
	)
	// The context bounds the start, not the child's life.
	cmd := exec.CommandContext(context.WithoutCancel(ctx), "/bin/sh", args...)
	cmd.Dir = dir
	cmd.Stdout, cmd.Stderr = c.log, c.log
	if c.stdin, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go c.wait(cmd)
	return c, nil
}

// wait goes on as long as the child. Leak detectors of users know it by its name.
func (c *child) wait(cmd *exec.Cmd) {
	c.err = cmd.Wait()
	close(c.done)
}

// end kills the child and returns an error if it had ended by itself.
func (c *child) end() error {
	var err error
	select {
	case <-c.done:
		err = &StartError{Err: fmt.Errorf("it ended by itself: %w", c.exit()), Output: c.tail()}
	default:
	}
	c.kill()
	return err
}

// kill ends the child, waits until it is gone, and removes its directory. An
// engine in memory has nothing to lose by being killed.
func (c *child) kill() {
	// A pipe whose reader is gone closes all the same, so its error says nothing.
	_ = c.stdin.Close()
	<-c.done
	c.remove()
}

// remove takes away what the shell may have had no time to remove.
func (c *child) remove() {
	if c.log != nil {
		_ = c.log.Close()
	}
	_ = os.RemoveAll(c.dir)
}

// exit returns how the child ended; it is never nil.
func (c *child) exit() error {
	if c.err == nil {
		return errors.New("exit status 0")
	}
	return c.err
}

// tail returns the end of the child's output. The open file outlives its name,
// which the shell removes.
func (c *child) tail() string {
	info, err := c.log.Stat()
	if err != nil {
		return ""
	}
	start := max(0, info.Size()-tailSize)
	out, err := io.ReadAll(io.NewSectionReader(c.log, start, tailSize))
	if err != nil {
		return ""
	}
	return string(out)
}

// freePort returns a port of 127.0.0.1 that nothing listens on now.
func freePort(ctx context.Context) (int, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	port := l.Addr().(*net.TCPAddr).Port
	return port, l.Close()
}
