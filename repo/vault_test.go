package repo_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/repo"
)

// What no text may hold: it is in every key and attribute of these tests.
const (
	secretText   = "SECRET"
	secretNumber = 77077
)

// vault is a model of secrets.
type vault struct {
	Owner   string         `dynamodbav:"owner"`
	Shelf   int            `dynamodbav:"shelf"`
	At      int            `dynamodbav:"at"`
	Kind    kind           `dynamodbav:"kind"`
	Made    time.Time      `dynamodbav:"made"`
	Set     []string       `dynamodbav:"set,stringset"`
	Inner   map[string]int `dynamodbav:"inner"`
	Small   int8           `dynamodbav:"small"`
	Text    string         `dynamodbav:"text"`
	Version int            `dynamodbav:"version"`
}

var (
	vaultText = cond.Field(func(v *vault) *string { return &v.Text })
	vaultAt   = cond.Field(func(v *vault) *int { return &v.At })
	vaultKey  = key.Of(secretText, secretNumber).Range(secretNumber)
)

func secretVault() *vault {
	return &vault{
		Owner: secretText, Shelf: secretNumber, At: secretNumber, Kind: kind{secretText + "!"}, Text: secretText,
		Set: []string{secretText}, Inner: map[string]int{secretText: secretNumber},
	}
}

// vaults returns a repository whose log is kept, and which retries at once.
func vaults(tb testing.TB, standard bool) (*repo.Repo[vault], *faults.Transport, *bytes.Buffer) {
	tb.Helper()
	var log bytes.Buffer
	db, tr := impatient(tb, func(c *repo.Config) {
		c.Logger, c.StandardCodec, c.BatchAttempts = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})), standard, 1
	})
	r := create[vault](tb, db, repo.Spec{
		Table: "vaults", Lock: lock.Version("version"),
		Key:     key.Spec{Hash: key.Composite("id", key.String("owner"), key.Int("shelf")), Range: key.Int("at")},
		Indexes: []index.Spec{index.Global("text_idx", key.String("text"), key.Int("at"))},
	})
	return r, tr, &log
}

// silent fails if a text of ours, in the error or beneath it, holds a secret.
func silent(t *testing.T, name string, err error) {
	t.Helper()
	require.Error(t, err, name)
	require.ErrorAs(t, err, new(*repo.Error), name)
	quiet(t, name, fmt.Sprintf("%s %v %+v %q", err, err, err, err))
	own(err, func(e error) { quiet(t, name, e.Error()) })
}

func quiet(t *testing.T, name, text string) {
	t.Helper()
	for _, secret := range []string{secretText, fmt.Sprint(secretNumber)} {
		assert.NotContains(t, text, secret, name)
	}
}

// own calls f with the errors of this module in the tree of err.
func own(err error, f func(error)) {
	if err == nil {
		return
	}
	t := reflect.TypeOf(err)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if strings.HasPrefix(t.PkgPath(), "github.com/dynarepo/dynarepo") {
		f(err)
	}
	switch e := err.(type) { //nolint:errorlint // this is the walk down
	case interface{ Unwrap() error }:
		own(e.Unwrap(), f)
	case interface{ Unwrap() []error }:
		for _, beneath := range e.Unwrap() {
			own(beneath, f)
		}
	}
}

// operations are all that can fail, on what is there and what is not.
func operations(ctx context.Context, r *repo.Repo[vault]) map[string]func() error {
	q, all := r.Query(key.Of(secretText, secretNumber)), r.Query(key.Of(secretText)).Index("text_idx")
	db := r.DB()
	return map[string]func() error{
		"Get":    func() error { return second(r.Get(ctx, vaultKey)) },
		"Exists": func() error { return second(r.Exists(ctx, vaultKey)) },
		"GetMany": func() error {
			return second(r.GetMany(ctx, []key.Value{vaultKey, key.Of(secretText, 1).Range(secretNumber)}))
		},
		"Query":      func() error { return second(q.Collect(ctx)) },
		"index":      func() error { return second(all.Collect(ctx)) },
		"hydrated":   func() error { return second(all.Hydrate().Collect(ctx)) },
		"ahead":      func() error { return second(q.Prefetch(1).Collect(ctx)) },
		"Scan":       func() error { return second(r.Scan().Segments(2).Collect(ctx)) },
		"First":      func() error { return second(q.First(ctx)) },
		"Count":      func() error { return second(q.Count(ctx)) },
		"DeleteAll":  func() error { return second(q.DeleteAll(ctx)) },
		"UpdateAll":  func() error { return second(q.Update(ctx, vaultText.Set(secretText))) },
		"Create":     func() error { return r.Create(ctx, secretVault()) },
		"Put":        func() error { return r.Put(ctx, secretVault()) },
		"Save":       func() error { return r.Save(ctx, secretVault()) },
		"Update":     func() error { return second(r.Update(ctx, vaultKey, vaultText.Set(secretText))) },
		"Delete":     func() error { return r.Delete(ctx, vaultKey) },
		"Destroy":    func() error { return r.Destroy(ctx, secretVault()) },
		"Batch":      func() error { return db.Batch(ctx, r.Ops().Delete(vaultKey)) },
		"Transact":   func() error { return db.Transact(ctx, r.Ops().Create(secretVault())) },
		"TransactRd": func() error { return db.TransactGet(ctx, r.Into(vaultKey, new(vault))) },
	}
}

// says answers with an error of the service that quotes the secret wherever it
// can.
func says(status int, code string) faults.Fault {
	return func(*http.Request, faults.Send) (*http.Response, error) {
		return answered(status, fmt.Sprintf(`{"__type":"com.amazonaws.dynamodb.v20120810#%s","message":"the value %s %d is wrong",`+
			`"Item":{"text":{"S":%[2]q}},"CancellationReasons":[{"Code":"ConditionalCheckFailed","Message":%[2]q,"Item":{"text":{"S":%[2]q}}}]}`,
			code, secretText, secretNumber)), nil
	}
}

func apiError(err error) (found error) {
	if api, ok := err.(interface{ ErrorMessage() string }); ok {
		return api.(error)
	}
	switch e := err.(type) { //nolint:errorlint // this is the walk down
	case interface{ Unwrap() error }:
		return apiError(e.Unwrap())
	case interface{ Unwrap() []error }:
		for _, beneath := range e.Unwrap() {
			if found = apiError(beneath); found != nil {
				return found
			}
		}
	}
	return nil
}
