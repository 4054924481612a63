package repo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/lean"
	"github.com/dynarepo/dynarepo/internal/send"
	"github.com/dynarepo/dynarepo/internal/wire"
)

// A ScanPolicy is what happens to a query whose conditions no key and no index
// serves (rule C5). A Scan asked for as such is always sent.
type ScanPolicy uint8

// The policies.
const (
	ScanWarn   ScanPolicy = iota // log one warning that names the conditions, and scan
	ScanRefuse                   // fail with ErrScanRefused
	ScanAllow                    // scan
)

// A Config holds what repositories of one database share. The zero value of
// each field is its default.
type Config struct {
	// Namespace goes before every table name, with "_" between. Defaults to
	// none.
	Namespace string

	// Endpoint is the URL of the service, such as "http://127.0.0.1:8000".
	// Defaults to that of the region. NewDB ignores it.
	Endpoint string
	// Region defaults to what the SDK finds in the environment, and to
	// us-east-1 where Endpoint is on this machine. NewDB ignores it.
	Region string
	// Credentials default to what the SDK finds in the environment, and to
	// made-up ones where Endpoint is on this machine and the environment names
	// none. NewDB ignores them.
	Credentials aws.CredentialsProvider
	// Options are applied, last, to the client that Open makes. NewDB ignores
	// them.
	Options []func(*dynamodb.Options)

	// OnDemand bills tables a request whose Spec declares no Throughput.
	// Defaults to false: tables have provisioned capacity.
	OnDemand bool
	// Throughput is the provisioned capacity, in units per second, of tables and
	// global indexes that declare none. Defaults to 100 read and 20 write units
	// (rule L1).
	Throughput index.Throughput
	// Polls is how often package table looks at a table that it waits for.
	// Defaults to 60.
	Polls int
	// PollInterval is the time between two looks. Defaults to 2 seconds.
	PollInterval time.Duration

	// Logger gets a warning for each scan that conditions forced, one for each
	// model that takes every item of a table for its own where another model has
	// items in it too (rule K7), and, if it is enabled for slog.LevelDebug, a line for each request. It never gets item
	// data. Defaults to slog.Default().
	Logger *slog.Logger
	// Observe is told of each request that repositories send: for traces and
	// metrics, which package otel makes of it, or for a use of your own. It is
	// called before the request, by the goroutine that sends it, and may be called
	// at once by several. The context that it returns is that of the request, and
	// what it returns beside is called when the request has ended, its answer being
	// in r; either may be nil. Requests then ask for the capacity that they consume.
	// First attempts stay the library's own. Package table and others that change
	// tables don't call it. Defaults to none.
	Observe func(ctx context.Context, r *Request) (context.Context, func())
	// ScanPolicy is what happens when conditions force a Scan. Defaults to
	// ScanWarn.
	ScanPolicy ScanPolicy
	// CursorKeys sign the tokens of cursors (HMAC-SHA256): the first signs, all
	// verify, so that keys can be rotated. Each has 16 bytes or more. Defaults
	// to none: tokens are not signed.
	CursorKeys [][]byte
	// BatchSize is the BatchSize of queries that set none. Defaults to none: page
	// sizes then follow the limits of the query (rules A1 and A5).
	BatchSize int
	// BatchAttempts is how often the unprocessed keys of a batch are asked for
	// in a row without progress. Defaults to 10.
	BatchAttempts int
	// ConflictAttempts is how often a transaction is sent, the first time
	// included, while what keeps it from being done is nothing but another write
	// or transaction on one of its items at that moment. It is sent again as it
	// was, with its token, after a jittered wait, 50 ms at first and 5 s at most.
	// Defaults to 1: not again.
	ConflictAttempts int
	// Concurrency is how many chunks of one call are under way at once.
	// Defaults to 4.
	Concurrency int
	// Zone is the zone of times that are loaded. Defaults to UTC.
	Zone *time.Location
	// StandardCodec reads and writes items through the SDK's attribute values
	// instead of taking them out of the answers and putting them into the
	// requests as JSON. Results are the same. It is for middleware of the
	// user's own that looks into the items of inputs and outputs. Defaults to
	// false.
	StandardCodec bool
	// PlainAlloc gives every string that is loaded memory of its own. By default
	// short ones share chunks of 1 KiB, so that keeping one keeps its chunk.
	PlainAlloc bool
	// Now is the clock of timestamps, and of what has expired. Defaults to
	// time.Now.
	Now func() time.Time
}

const (
	defaultBatchAttempts = 10
	defaultConflicts     = 1
	defaultConcurrency   = 4
	defaultRead          = 100
	defaultWrite         = 20
	defaultPolls         = 60
	defaultPollInterval  = 2 * time.Second
	minCursorKey         = 16
)

var namespaceForm = regexp.MustCompile(`^[a-zA-Z0-9_.-]*$`)

// checked returns a copy with the defaults filled in, or every fault, joined.
func (c *Config) checked() (Config, error) {
	var cfg Config
	if c != nil {
		cfg = *c
	}
	var errs []error
	refuse := func(field, rule string, err error) {
		errs = append(errs, &ConfigError{Field: "Config." + field, Rule: rule, err: err})
	}
	if !namespaceForm.MatchString(cfg.Namespace) {
		refuse("Namespace", "want letters, digits, '_', '-' and '.'", nil)
	}
	if !isEndpoint(cfg.Endpoint) {
		refuse("Endpoint", "want an http or https URL", nil)
	}
	if cfg.ScanPolicy > ScanAllow {
		refuse("ScanPolicy", "no such policy", nil)
	}
	for i, k := range cfg.CursorKeys {
		if len(k) < minCursorKey {
			refuse(fmt.Sprintf("CursorKeys[%d]", i), fmt.Sprintf("want %d bytes or more", minCursorKey), nil)
		}
	}
	for _, n := range []struct {
		field string
		value int64
	}{
		{"Throughput.Read", cfg.Throughput.Read},
		{"Throughput.Write", cfg.Throughput.Write},
		{"Polls", int64(cfg.Polls)},
		{"PollInterval", int64(cfg.PollInterval)},
		{"BatchSize", int64(cfg.BatchSize)},
		{"BatchAttempts", int64(cfg.BatchAttempts)},
		{"ConflictAttempts", int64(cfg.ConflictAttempts)},
		{"Concurrency", int64(cfg.Concurrency)},
	} {
		if n.value < 0 {
			refuse(n.field, "can't be negative", nil)
		}
	}
	cfg.CursorKeys = slices.Clone(cfg.CursorKeys)
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	cfg.Throughput.Read = cmp.Or(cfg.Throughput.Read, defaultRead)
	cfg.Throughput.Write = cmp.Or(cfg.Throughput.Write, defaultWrite)
	cfg.Polls = cmp.Or(cfg.Polls, defaultPolls)
	cfg.PollInterval = cmp.Or(cfg.PollInterval, defaultPollInterval)
	cfg.BatchAttempts = cmp.Or(cfg.BatchAttempts, defaultBatchAttempts)
	cfg.ConflictAttempts = cmp.Or(cfg.ConflictAttempts, defaultConflicts)
	cfg.Concurrency = cmp.Or(cfg.Concurrency, defaultConcurrency)
	if cfg.Zone == nil {
		cfg.Zone = time.UTC
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return cfg, errors.Join(errs...)
}

// A DB is a client and what its repositories share. It is safe for concurrent
// use.
type DB struct {
	given Client
	conn  *send.Conn
	cfg   Config
	path  func() string // why the SDK sends every attempt; "" if it need not
	known *roster
}

// Path tells in words which way requests go by now: the library sends the first
// attempt of each itself, and the SDK what comes after one that fails, or the SDK
// sends all, and why. The zero DB sends none. Nothing is sent.
func (db *DB) Path() string {
	if db == nil || db.conn == nil {
		return "none: the zero DB sends nothing"
	}
	return pathText(db.path())
}

func pathText(closed string) string {
	if closed == "" {
		return "first attempts are the library's own, the rest is the SDK's"
	}
	return "the SDK sends all: " + closed
}

// NewDB is [Open] over a client that exists, which is left as it is.
func NewDB(client Client, cfg *Config) (*DB, error) {
	c, err := cfg.checked()
	if client == nil {
		err = errors.Join(err, &ConfigError{Field: "client", Rule: "want a client"})
	}
	if err != nil {
		return nil, err
	}
	return newDB(client, c), nil
}

func newDB(client Client, c Config) *DB {
	var lane send.Client
	path := func() string { return "Config.StandardCodec asks for it" }
	if !c.StandardCodec {
		own, closed := lean.New(client)
		if path = func() string { return closed }; own != nil {
			lane, path = own, own.Closed
		}
	}
	c.Logger.Debug("dynarepo: path", slog.String("path", pathText(path())))
	return &DB{given: client, cfg: c, path: path, known: &roster{}, conn: &send.Conn{
		Client:   send.Told(client, lane, c.Logger, c.observe()),
		Own:      !wire.Direct(client),
		Standard: c.StandardCodec || !wire.Direct(client), // whoever wraps the client sees the items
		Batch:    c.BatchSize,
		Attempts: c.BatchAttempts,
		Retries:  c.ConflictAttempts,
		AtOnce:   c.Concurrency,
		Keys:     c.CursorKeys,
		Clock:    c.Now,
		Zone:     c.Zone,
		Log:      c.Logger,
		Scans:    send.Scans(c.ScanPolicy),
		Make:     &makers,
	}}
}

var errZeroDB = errors.New("the zero DB has no client: Open and NewDB make them")

// ready refuses a nil and the zero DB.
func (db *DB) ready(op string) error {
	if db != nil && db.conn != nil {
		return nil
	}
	return &Error{Op: op, Table: noRepository, Err: fault.Because(ErrInvalid, errZeroDB)}
}

// Client returns the client that requests go through.
func (db *DB) Client() Client { return db.given }

// Config returns a copy of the configuration, defaults filled in.
func (db *DB) Config() Config { return db.cfg }

// TableName returns base with the namespace before it: namespace + "_" + base,
// or base if there is no namespace (rule L1).
func (db *DB) TableName(base string) string {
	if db.cfg.Namespace == "" {
		return base
	}
	return db.cfg.Namespace + "_" + base
}
