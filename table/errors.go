package table

import (
	"context"
	"errors"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/wire"
)

// What callers branch on.
var (
	// ErrNotFound says that there is no such table.
	ErrNotFound = errors.New("no such table")
	// ErrNotActive says that the table or one of its indexes was not ACTIVE when
	// the polls were spent, or is in a status that does not pass.
	ErrNotActive = errors.New("not active")
	// ErrNotDeleted says that the table was still there when the polls were
	// spent.
	ErrNotDeleted = errors.New("not deleted")
	// ErrDiffers says that a table lacks what its model declares.
	ErrDiffers = errors.New("the table is not as declared")
	// ErrConflict says that models in one table declare it in two ways.
	ErrConflict = errors.New("the models declare the table in two ways")
	// ErrNoIndex says that there is no such index.
	ErrNoIndex = errors.New("no such index")
	// ErrBlocked says that a plan holds what can't be done to a table in place.
	ErrBlocked = errors.New("the plan holds what can't be done in place")
	// ErrOnDemand says that a table on demand has no capacity to set.
	ErrOnDemand = errors.New("the table is on demand")
	// ErrProtected says that the table is protected against deletion.
	ErrProtected = errors.New("protected against deletion")
	// ErrUnsupported says that the server does not have the operation: DynamoDB
	// Local has neither point-in-time recovery nor tags.
	ErrUnsupported = errors.New("the server does not support this")
	// ErrReset says that the namespace is not one to be emptied.
	ErrReset = errors.New("not a namespace to reset")
	// ErrClient says that the client of the model's database has not the
	// operations of Client.
	ErrClient = errors.New("the client has no table operations")
)

// An Error tells which operation on which table failed. Its text holds names
// only; the service's own message stays in the error beneath.
type Error struct {
	Op    string       // the function; "Exists" is "Describe"
	Table string       // with its namespace; "" for the database as a whole
	Last  *Description // how the table was seen last while waiting; nil if it was not
	// Lacks is what is left to be done: behind [Create] and [Apply] the steps that
	// were not, [Apply] carries them out. It is the zero Plan where nothing is known
	// to be left.
	Lacks Plan
	err   error // beneath: sentinels of this package and of repo, errors of the SDK or the context
}

// Error names operation and table, what went wrong, and what is not ACTIVE
// where that is what went wrong, and what is left to be done; of an error of the
// service it says the code.
func (e *Error) Error() string {
	text := "table: " + e.Op
	if e.Table != "" {
		text += " " + e.Table
	}
	text += ": " + fault.Text(e.err)
	if e.Last != nil && e.Last.pending() != "" {
		text += ": " + e.Last.pending()
	}
	if left := e.Lacks.left(); left != "" {
		text += ": left to be done: " + left
	}
	return text
}

// Unwrap returns what is beneath.
func (e *Error) Unwrap() error { return e.err }

// hasCode tells whether err is the service's with that code.
func hasCode(err error, code string) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	return ok && api.ErrorCode() == code
}

// told joins a sentinel of ours to the service's error that says the same.
func told(err error) error {
	switch {
	case hasCode(err, "ResourceNotFoundException"), hasCode(err, "TableNotFoundException"):
		return fault.Named(ErrNotFound, err)
	case hasCode(err, "UnknownOperationException"):
		return fault.Named(ErrUnsupported, err)
	}
	return err
}

// lacking adds to err what of the plan is left.
func lacking(err error, left Plan) error {
	if e, ok := errors.AsType[*Error](err); ok {
		e.Lacks = left
	}
	return err
}

// once is for requests whose second attempt would hide what came of the first:
// the table is looked at instead.
func once(o *dynamodb.Options) {
	o.RetryMaxAttempts = 1
	wire.Guard(o)
}

// passing tells whether err is one that passes: the request is sent again at the
// next poll, if the table is not as it says by then.
func passing(ctx context.Context, err error) bool {
	return err != nil && ctx.Err() == nil && (unread(err) || retry.IsErrorRetryables(retry.DefaultRetryables).IsErrorRetryable(err) == aws.TrueTernary)
}

// unread tells whether a request was answered with success, by an answer that broke
// off or was spoilt on its way.
func unread(err error) bool {
	_, broken := errors.AsType[*smithy.DeserializationError](err)
	resp, ok := errors.AsType[*smithyhttp.ResponseError](err)
	return errors.Is(err, wire.ErrChecksum) || broken && ok && resp.HTTPStatusCode() == http.StatusOK
}

// lost tells whether a request may have had its effect though an error that passes
// came of it: it was not throttled.
func lost(err error) bool {
	return retry.IsErrorThrottles(retry.DefaultThrottles).IsErrorThrottle(err) != aws.TrueTernary
}

// inUse tells whether err says that the table has a status in which the request
// can't be done yet.
func inUse(err error) bool {
	return hasCode(err, "ResourceInUseException") || hasCode(err, "ContinuousBackupsUnavailableException")
}
