package stream

import (
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"github.com/aws/smithy-go"

	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/wire"
	"github.com/dynarepo/dynarepo/repo"
)

// What callers branch on, beside the sentinels of package repo.
var (
	// ErrNoStream says that the table has no stream, or the stream is gone.
	ErrNoStream = errors.New("no such stream")
	// ErrTrimmed says that changes behind the checkpoint are older than 24
	// hours and gone, or may be.
	ErrTrimmed = errors.New("changes behind the checkpoint are gone")
	// ErrCheckpoint says that the checkpoint is of another stream: one of
	// another table, or that the table had before.
	ErrCheckpoint = errors.New("the checkpoint is of another stream")
	// ErrClient says that there is no client for streams, and none can be made
	// of the client of the database.
	ErrClient = errors.New("no client for streams")
	// ErrEvent says that bytes are no event of a stream.
	ErrEvent = errors.New("not an event of a stream")
)

// An Error tells which operation on the stream of which table failed. Its text
// holds names only; the service's own message stays in the error beneath.
type Error struct {
	Op    string // "New", "Changes", "Parse" or "Handle"
	Table string // with its namespace
	Shard string // "" if none is concerned
	err   error  // beneath: sentinels of this package and of repo, errors of the SDK or the context
}

// Error names operation, table and shard, and what went wrong; of an error of
// the service it says the code.
func (e *Error) Error() string {
	text := "stream: " + e.Op + " " + e.Table
	if e.Shard != "" {
		text += " shard " + e.Shard
	}
	for _, sentinel := range []error{ErrNoStream, ErrTrimmed} {
		if errors.Is(e.err, sentinel) {
			return text + ": " + sentinel.Error()
		}
	}
	if api, ok := errors.AsType[smithy.APIError](e.err); ok {
		return text + ": " + fault.Code(api)
	}
	return text + ": " + e.err.Error()
}

// Unwrap returns what is beneath.
func (e *Error) Unwrap() error { return e.err }

// told joins the sentinel to an error of the service that says so.
func told(err error) error {
	if _, ok := errors.AsType[*types.ResourceNotFoundException](err); ok {
		return errors.Join(ErrNoStream, err)
	}
	if _, ok := errors.AsType[*types.TrimmedDataAccessException](err); ok {
		return errors.Join(ErrTrimmed, err)
	}
	if errors.Is(err, wire.ErrAnswer) {
		return fmt.Errorf("%w: %w", repo.ErrDecode, err)
	}
	return err
}
