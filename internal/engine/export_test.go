package engine

import (
	"context"
	"time"
)

// PackageIntegrity is what the pinned package must hash to.
const PackageIntegrity = packageIntegrity

// What tests do without Start.
var (
	Fetch            = fetchWith
	Unpack           = unpack
	CheckJavaVersion = checkJavaVersion
)

func fetchWith(ctx context.Context, opts ...Option) (string, error) {
	s, err := newSettings(opts)
	if err != nil {
		return "", err
	}
	return fetch(ctx, s)
}

// Settings that only tests change.

func CacheDir(dir string) Option { return func(s *settings) { s.cacheDir = dir } }

func Java(command string) Option { return func(s *settings) { s.java = command } }

func NPM(command string) Option { return func(s *settings) { s.npm = command } }

func Integrity(integrity string) Option { return func(s *settings) { s.integrity = integrity } }

func Timeout(d time.Duration) Option { return func(s *settings) { s.timeout = d } }

func FreePort(f func(context.Context) (int, error)) Option {
	return func(s *settings) { s.freePort = f }
}

// Dir returns the temporary directory that the engine runs in.
func (e *Engine) Dir() string { return e.child.dir }

// Done is closed when the engine's process is gone.
func (e *Engine) Done() <-chan struct{} { return e.child.done }
