package repotest

import (
	"cmp"
	"context"
	"crypto/rand"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/dynarepo/dynarepo/internal/engine/enginetest"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

// How long a table is waited for: 30 seconds.
const (
	pollInterval = 10 * time.Millisecond
	polls        = 3000
	dropTimeout  = time.Minute
)

// DB returns a database of the test's own on the engine of this test binary, and
// starts that if need be. Its tables have a namespace that no other test has, and
// are deleted when the test and its subtests are over. Tests with a database of
// their own may be parallel.
//
// The changes are made to the configuration before it is checked. Tables are waited
// for in steps of 10 ms unless they say otherwise; the namespace is not theirs to
// choose. Config.Options are applied to the client, which is the
// SDK's own *dynamodb.Client and may be had by db.Client(), for a wrapped one or
// for other parts of the program.
//
// It sends nothing. The test fails now if there is no engine, and tells the
// command that brings it, or if the configuration is wrong.
func DB(tb testing.TB, changes ...func(*repo.Config)) *repo.DB {
	tb.Helper()
	var cfg repo.Config
	for _, change := range changes {
		change(&cfg)
	}
	cfg.Polls, cfg.PollInterval = cmp.Or(cfg.Polls, polls), cmp.Or(cfg.PollInterval, pollInterval)
	cfg.Namespace = enginetest.Namespace(tb)
	owner := owners.take()
	opts := []func(*dynamodb.Options){func(o *dynamodb.Options) {
		o.Credentials = credentials.NewStaticCredentialsProvider(owner, owner, "")
		// The engine's errors come with a wrong checksum, of which the SDK would warn.
		o.DisableValidateResponseChecksum = true
	}}
	opts = append(opts, cfg.Options...)
	var connections interface{ CloseIdleConnections() }
	opts = append(opts, func(o *dynamodb.Options) {
		connections, _ = o.HTTPClient.(interface{ CloseIdleConnections() })
		o.HTTPClient = faults.Front(o.HTTPClient)
	})
	db, err := repo.NewDB(enginetest.Client(tb, opts...), &cfg)
	if err != nil {
		tb.Fatal("repotest:", err)
	}
	tb.Cleanup(func() {
		if connections != nil {
			defer connections.CloseIdleConnections()
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(tb.Context()), dropTimeout)
		defer cancel()
		if _, err := table.Reset(ctx, db, true, nil); err != nil {
			tb.Error("repotest: the test's tables are left behind:", err)
			return
		}
		owners.give(owner)
	})
	return db
}

// Create makes the tables of the models as [table.Create] does. Models that share
// a table are put together; a design given alone keeps its settings, such as a
// stream. The test fails now if one can't be made.
func Create(tb testing.TB, models ...table.Model) {
	tb.Helper()
	designs, err := table.Designs(models...)
	if err != nil {
		tb.Fatal("repotest:", err)
	}
	for _, d := range designs {
		m := table.Model(d)
		if in := modelsOf(d.Table(), models); len(in) == 1 {
			m = in[0]
		}
		if _, err := table.Create(tb.Context(), m, nil); err != nil {
			tb.Fatal("repotest:", err)
		}
	}
}

// modelsOf returns the models whose table has that name.
func modelsOf(name string, models []table.Model) []table.Model {
	return slices.DeleteFunc(slices.Clone(models), func(m table.Model) bool { return m.Table() != name })
}

// front returns the transport that DB has put in front of the engine.
func front(tb testing.TB, db *repo.DB) *faults.Transport {
	tb.Helper()
	if db != nil {
		if client, ok := db.Client().(*dynamodb.Client); ok {
			if tr, ok := client.Options().HTTPClient.(*faults.Transport); ok {
				return tr
			}
		}
	}
	tb.Fatal("repotest: want a database that repotest.DB made")
	return nil
}

// owners are the access keys that no test has now. DynamoDB Local keeps the data
// of each apart, with few workers for changes of tables, so that tests at one time
// don't share a key; and some memory for each, so that tests one after the other
// do.
var owners pool

type pool struct {
	mu   sync.Mutex
	free []string
}

func (p *pool) take() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.free) - 1
	if last < 0 {
		return "repotest" + rand.Text()
	}
	owner := p.free[last]
	p.free = p.free[:last]
	return owner
}

func (p *pool) give(owner string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free = append(p.free, owner)
}
