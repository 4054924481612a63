package send

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// MaxOps is how many operations a transaction has at most. What is written into the
// body of a request is bounded by the same number, in internal/wire.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
const MaxOps = 100

// MaxTransactBytes is what the items of a TransactWriteItems may have.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
const MaxTransactBytes = 4 << 20

// CodeConflict is the reason of a transaction that met another write.
const CodeConflict = "TransactionConflict"

// Insist sends a transaction until it does not conflict, the attempts are
// spent or the context ends, and returns what came of the last one. A cancelled
// one had no effect, so the next, under the same token, is a first one for
// DynamoDB; one that is in progress under the token must have no second beside
// it under another.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
func (c *Conn) Insist(ctx context.Context, send func() error) error {
	for n := 1; ; n++ {
		err := send()
		if n >= c.Retries || !Conflicts(err) {
			return err
		}
		if ended := Backoff(ctx, n); ended != nil {
			return errors.Join(err, ended)
		}
	}
}

// Conflicts reports whether a transaction failed for no other reason than
// another write on its items, or than being in progress.
func Conflicts(err error) bool {
	if _, ok := errors.AsType[*types.TransactionInProgressException](err); ok {
		return true
	}
	c, ok := errors.AsType[*types.TransactionCanceledException](err)
	if !ok {
		return false
	}
	met := false
	for _, r := range c.CancellationReasons {
		switch aws.ToString(r.Code) {
		case "", "None":
		case CodeConflict:
			met = true
		default:
			return false
		}
	}
	return met
}
