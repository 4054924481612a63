package stream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"

	"github.com/dynarepo/dynarepo/repo"
)

// event is what a Lambda function receives.
// https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
type event struct {
	Records []struct {
		EventName    Kind
		UserIdentity *struct{ PrincipalID string }
		DynamoDB     *struct {
			ApproximateCreationDateTime float64
			Keys, OldImage, NewImage    json.RawMessage
			SequenceNumber              string
		}
	}
}

// Parse returns the changes of an event that a Lambda function receives from
// the stream of the repository's table, in order, nil if it has none. Changes of
// items of other models are left out. It sends nothing. Errors: [ErrEvent],
// [repo.ErrDecode], [repo.ErrMismatch], in an [*Error]; the changes before the
// one that does not fit are returned beside it.
func Parse[T any](r *repo.Repo[T], data []byte) ([]Change[T], error) {
	var changes []Change[T]
	err := parse(r, "Parse", data, func(c Change[T], err error) error {
		if err == nil {
			changes = append(changes, c)
		}
		return err
	})
	return changes, err
}

// Failures is what a Lambda function answers whose event source mapping reports
// batch item failures: from where on Lambda is to send the changes again.
// https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
type Failures struct {
	BatchItemFailures []Failure `json:"batchItemFailures"`
}

// A Failure names a change by its sequence number.
type Failure struct {
	ItemIdentifier string `json:"itemIdentifier"`
}

// Handle calls f with each change of an event that a Lambda function receives,
// in order, until one fails; a change that does not fit T fails by itself. It
// returns what Lambda is to be answered: none if all went well, else the change
// that failed, so that Lambda sends it and those behind it again. The error is
// that of the change, for the function's log, not to be returned to Lambda. Of
// bytes that are no event it is [ErrEvent] without a Failure, to be returned.
//
//	lambda.Start(func(ctx context.Context, event json.RawMessage) (stream.Failures, error) {
//		failures, err := stream.Handle(ctx, users, event, onChange)
//		if errors.Is(err, stream.ErrEvent) {
//			return failures, err
//		}
//		...
//	})
func Handle[T any](ctx context.Context, r *repo.Repo[T], data []byte, f func(context.Context, Change[T]) error) (Failures, error) {
	failures := Failures{BatchItemFailures: []Failure{}}
	err := parse(r, "Handle", data, func(c Change[T], err error) error {
		if err == nil {
			err = f(ctx, c)
		}
		if err != nil {
			failures.BatchItemFailures = append(failures.BatchItemFailures, Failure{c.Sequence})
		}
		return err
	})
	return failures, err
}

// parse hands out the changes of an event until one fails.
func parse[T any](r *repo.Repo[T], op string, data []byte, hand func(Change[T], error) error) error {
	fail := func(err error) error { return &Error{Op: op, Table: r.Table(), err: err} }
	var e event
	if err := json.Unmarshal(data, &e); err != nil {
		return fail(ErrEvent) // what the decoder says may quote the event
	}
	for i, rec := range e.Records {
		d := rec.DynamoDB
		if d == nil || d.SequenceNumber == "" {
			return fail(fmt.Errorf("%w: record %d", ErrEvent, i))
		}
		seconds, fraction := math.Modf(d.ApproximateCreationDateTime)
		c := Change[T]{
			Kind:     rec.EventName,
			Sequence: d.SequenceNumber,
			Time:     time.Unix(int64(seconds), int64(fraction*float64(time.Second))).UTC(),
			Expired:  rec.EventName == Remove && rec.UserIdentity != nil && rec.UserIdentity.PrincipalID == expirer,
		}
		var err error
		if c.Keys, err = attributevalue.UnmarshalMapJSON(d.Keys); err != nil {
			return fail(fmt.Errorf("%w: record %d", ErrEvent, i))
		}
		err = c.images(image(r.DecodeJSON, []byte(d.OldImage)), image(r.DecodeJSON, []byte(d.NewImage)), func() error {
			_, err := r.DecodeJSON(d.Keys)
			return err
		})
		if errors.Is(err, errForeign) {
			continue
		}
		if err = hand(c, err); err != nil {
			return fail(err)
		}
	}
	return nil
}
