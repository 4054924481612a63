package engine_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/engine"
)

// pids returns what the java of testdata wrote: its process id and that of the
// shell above it.
func pids(t *testing.T, dir string) (java, shell int) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "java.pid"))
	require.NoError(t, err)
	first, second, _ := strings.Cut(strings.TrimSpace(string(data)), " ")
	java, err = strconv.Atoi(first)
	require.NoError(t, err)
	shell, err = strconv.Atoi(second)
	require.NoError(t, err)
	return java, shell
}

// gone says whether no process has the id, not even as a zombie.
func gone(pid int) bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }

func eventually(t *testing.T, condition func() bool) {
	t.Helper()
	require.Eventually(t, condition, 10*time.Second, 10*time.Millisecond)
}

func TestStartAndClose(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	e, err := engine.Start(ctx, engine.Java(testdata(t, "java")), engine.Benchmark())
	require.NoError(t, err)
	java, _ := pids(t, e.Dir())
	cancel() // the context bounds the start alone
	require.Regexp(t, `^http://127\.0\.0\.1:\d+$`, e.Endpoint())
	out, err := e.Client().ListTables(t.Context(), &dynamodb.ListTablesInput{})
	require.NoError(t, err)
	assert.Empty(t, out.TableNames)
	require.False(t, gone(java))

	require.NoError(t, e.Close())
	assert.True(t, gone(java))
	assert.NoDirExists(t, e.Dir())
	require.NoError(t, e.Close(), "closing again")
}

func TestStartTakesAnotherPort(t *testing.T) {
	t.Parallel()
	// One answers in the engine's place; the other holds its port in silence.
	imposter := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(`{"TableNames":[]}`))
	}))
	t.Cleanup(imposter.Close)
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = silent.Close() })
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, free.Close())

	want := port(free.Addr())
	ports := []int{port(imposter.Listener.Addr()), port(silent.Addr()), want}
	e, err := engine.Start(t.Context(), engine.FreePort(func(context.Context) (int, error) {
		p := ports[0]
		ports = ports[1:]
		return p, nil
	}))
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, e.Close()) })
	assert.Equal(t, "http://127.0.0.1:"+strconv.Itoa(want), e.Endpoint())
	_, err = e.Client().ListTables(t.Context(), &dynamodb.ListTablesInput{})
	assert.NoError(t, err)
}

func port(addr net.Addr) int { return addr.(*net.TCPAddr).Port }

func TestStartGivesUpWhenEveryPortIsTaken(t *testing.T) {
	t.Parallel()
	imposter := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(imposter.Close)
	tried := 0
	_, err := engine.Start(t.Context(), engine.Java(testdata(t, "java-hang")),
		engine.FreePort(func(context.Context) (int, error) {
			tried++
			return port(imposter.Listener.Addr()), nil
		}))
	require.ErrorIs(t, err, engine.ErrStart)
	assert.ErrorContains(t, err, "another process took the port")
	assert.Equal(t, 5, tried)
}

func TestStartTellsThatThereIsNoPort(t *testing.T) {
	t.Parallel()
	none := errors.New("no port")
	_, err := engine.Start(t.Context(), engine.FreePort(func(context.Context) (int, error) { return 0, none }))
	require.ErrorIs(t, err, engine.ErrStart)
	assert.ErrorIs(t, err, none)
}

func TestStartTellsWhatTheChildSaid(t *testing.T) {
	t.Parallel()
	_, err := engine.Start(t.Context(), engine.Java(testdata(t, "java-crash")))
	require.ErrorIs(t, err, engine.ErrStart)
	failed, ok := errors.AsType[*engine.StartError](err)
	require.True(t, ok)
	require.ErrorContains(t, failed.Err, "exit status 3")
	assert.Len(t, failed.Output, 4<<10)
	assert.Contains(t, failed.Output, "asked for: -XX:TieredStopAtLevel=1 -Djava.library.path=")
	assert.Contains(t, err.Error(), failed.Output)

	_, err = engine.Start(t.Context(), engine.Java(testdata(t, "java-crash")), engine.Benchmark())
	assert.ErrorContains(t, err, "asked for: -Djava.library.path=")
}

func TestStartIsBounded(t *testing.T) {
	t.Parallel()
	hang := engine.Java(testdata(t, "java-hang"))
	t.Run("by its own limit", func(t *testing.T) {
		t.Parallel()
		_, err := engine.Start(t.Context(), hang, engine.Timeout(300*time.Millisecond))
		require.ErrorIs(t, err, engine.ErrStart)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.ErrorContains(t, err, "no answer within 300ms")
		assert.ErrorContains(t, err, "still warming up")
	})
	t.Run("by the context", func(t *testing.T) {
		t.Parallel()
		stopped := errors.New("stopped")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(300*time.Millisecond, func() { cancel(stopped) })
		_, err := engine.Start(ctx, hang)
		require.ErrorIs(t, err, engine.ErrStart)
		assert.ErrorIs(t, err, stopped)
	})
}

func TestCloseTellsThatTheEngineHadEnded(t *testing.T) {
	t.Parallel()
	tests := map[string]func(java, shell int) int{
		"java":  func(java, _ int) int { return java },
		"shell": func(_, shell int) int { return shell },
	}
	for name, victim := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, err := engine.Start(t.Context(), engine.Java(testdata(t, "java")))
			require.NoError(t, err)
			java, shell := pids(t, e.Dir())
			require.NoError(t, syscall.Kill(victim(java, shell), syscall.SIGKILL))
			<-e.Done()
			err = e.Close()
			require.ErrorIs(t, err, engine.ErrStart)
			assert.ErrorContains(t, err, "it ended by itself")
			assert.Equal(t, err, e.Close(), "closing again")
			assert.NoDirExists(t, e.Dir())
			// Nobody may be there to reap a Java whose shell is gone, so ask the port.
			address := strings.TrimPrefix(e.Endpoint(), "http://")
			eventually(t, func() bool {
				conn, err := net.Dial("tcp", address)
				if err == nil {
					_ = conn.Close()
				}
				return errors.Is(err, syscall.ECONNREFUSED)
			})
		})
	}
}

func TestEndpointVariable(t *testing.T) {
	// Neither a cache nor a Java is needed.
	nothing := []engine.Option{engine.CacheDir(filepath.Join(t.TempDir(), "cache")), engine.Java("no-such-java")}
	t.Setenv(engine.EndpointVariable, "http://engine.test:8000")
	require.NoError(t, engine.Prepare(t.Context(), nothing...))
	e, err := engine.Start(t.Context(), nothing...)
	require.NoError(t, err)
	assert.Equal(t, "http://engine.test:8000", e.Endpoint())
	assert.Equal(t, "http://engine.test:8000", *e.Client().Options().BaseEndpoint)
	require.NoError(t, e.Close())
	require.NoError(t, e.Close(), "closing again")

	for _, endpoint := range []string{"localhost:8000", "127.0.0.1:8000", "ftp://h", "http://"} {
		t.Setenv(engine.EndpointVariable, endpoint)
		_, err := engine.Start(t.Context())
		assert.ErrorIs(t, err, engine.ErrEndpoint, endpoint)
	}

	t.Setenv(engine.EndpointVariable, "")
	assert.ErrorIs(t, engine.Prepare(t.Context(), nothing...), engine.ErrMissing, "empty is not set")
}

func TestCacheDirectoryIsTheUsers(t *testing.T) {
	for _, name := range []string{"XDG_CACHE_HOME", "HOME", "LocalAppData"} {
		t.Setenv(name, "")
	}
	for _, err := range []error{engine.Prepare(t.Context()), second(engine.Start(t.Context()))} {
		assert.ErrorContains(t, err, "engine: no cache directory")
	}
}

func second(_ *engine.Engine, err error) error { return err }
