// Package enginetest gives tests a real engine: one for each test binary,
// started when the first test asks for it.
//
// A package whose tests use it hands its tests to [Main]:
//
//	func TestMain(m *testing.M) { enginetest.Main(m) }
package enginetest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/dynarepo/dynarepo/internal/engine"
	"github.com/dynarepo/dynarepo/internal/leaks"
)

// shared is the engine of this test binary.
var shared struct {
	sync.Mutex

	engine *engine.Engine
	err    error // why it did not start; not tried again
}

// Main runs the tests, closes the engine if one was started, and exits with
// the tests' code; with 1 if they passed but a goroutine is left behind, or if
// the engine had ended before.
func Main(m *testing.M) {
	os.Exit(run(m.Run))
}

func run(tests func() int) int {
	code := tests()
	if err := stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	if code != 0 {
		return code
	}
	if err := leaks.Find(time.Second); err != nil {
		fmt.Fprintln(os.Stderr, "enginetest:", err)
		return 1
	}
	return 0
}

func stop() error {
	shared.Lock()
	defer shared.Unlock()
	if shared.engine == nil {
		return nil
	}
	e := shared.engine
	shared.engine = nil
	return e.Close()
}

// setup is the command that brings what an engine needs, in any module that
// requires this one.
const setup = "go run github.com/dynarepo/dynarepo/repotest/setup"

// Engine returns the engine of this test binary and starts it if need be. It
// fails the test now if the engine can't be started, and says what brings it.
func Engine(tb testing.TB) *engine.Engine {
	tb.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.engine == nil && shared.err == nil {
		// The engine outlives the test that asks first.
		shared.engine, shared.err = engine.Start(context.Background())
		if shared.err != nil && !errors.Is(shared.err, engine.ErrEndpoint) {
			shared.err = fmt.Errorf("%w\nto install what is missing: %s", shared.err, setup)
		}
	}
	if shared.err != nil {
		tb.Fatal(shared.err)
	}
	return shared.engine
}

// Client returns a client of [Engine] with the SDK's default retries. The
// options are applied last.
func Client(tb testing.TB, opts ...func(*dynamodb.Options)) *dynamodb.Client {
	tb.Helper()
	return Engine(tb).Client(opts...)
}

// Apart is an option of [Client]: a database apart from those of all other
// clients, for tests that change tables. DynamoDB Local has ten workers a
// database for index and TTL changes, and every table with TTL keeps one.
func Apart(o *dynamodb.Options) { o.Region = "test" + strings.ToLower(rand.Text()) }

// maxName is how much of the test's name a namespace keeps.
const maxName = 32

// Namespace returns a prefix for table names that no other test has, nor the
// same test when it is run again: "test_", the start of the test's name and
// random letters, 50 bytes at most, of the characters that a table's name may
// have.
func Namespace(tb testing.TB) string {
	tb.Helper()
	name := strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '.', r == '-':
			return r
		default:
			return '_'
		}
	}, tb.Name())
	return "test_" + name[:min(len(name), maxName)] + "_" + rand.Text()[:12]
}
