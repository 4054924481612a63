package stream

import (
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	streams "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"github.com/dynarepo/dynarepo/repo"
)

// A Kind is what happened to an item.
type Kind string

// The kinds, by DynamoDB's names.
const (
	Insert Kind = "INSERT"
	Modify Kind = "MODIFY"
	Remove Kind = "REMOVE"
)

// A Change is one change of one item. A write that changes nothing makes none.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_StreamRecord.html
type Change[T any] struct {
	Kind Kind
	// Old and New are the item before and after. Each is nil where there was
	// none, where the stream's view does not have it, and where that version of
	// the item is not of this model.
	Old, New *T
	// Keys are the item's key attributes.
	Keys map[string]types.AttributeValue
	// Time is about when it happened, to the second.
	Time time.Time
	// Expired says that DynamoDB removed the item by its TTL.
	Expired bool
	// Shard is the id of the shard, "" in an event of Lambda.
	Shard string
	// Sequence is the sequence number, which rises within a shard.
	Sequence string
}

// expirer is who removes expired items.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html
const expirer = "dynamodb.amazonaws.com"

// errForeign is of a record that is of another model.
var errForeign = errors.New("not a change of this model")

// newChange makes a change of a record. The error is errForeign, or what is
// wrong with an image; the change then has all but the images.
func newChange[T any](r *repo.Repo[T], shard string, rec streams.Record) (Change[T], error) {
	c := Change[T]{Kind: Kind(rec.EventName), Shard: shard}
	data := rec.Dynamodb
	if data == nil {
		return c, ErrEvent
	}
	if c.Kind != Insert && c.Kind != Modify && len(data.NewImage) == 0 {
		c.Kind = Remove // DynamoDB Local has no name for what its TTL does
	}
	if id := rec.UserIdentity; id != nil {
		c.Expired = c.Kind == Remove && aws.ToString(id.PrincipalId) == expirer
	}
	c.Sequence, c.Time = aws.ToString(data.SequenceNumber), aws.ToTime(data.ApproximateCreationDateTime)
	var errs [3]error
	c.Keys, errs[0] = attributevalue.FromDynamoDBStreamsMap(data.Keys)
	var before, after map[string]types.AttributeValue
	before, errs[1] = attributevalue.FromDynamoDBStreamsMap(data.OldImage)
	after, errs[2] = attributevalue.FromDynamoDBStreamsMap(data.NewImage)
	if err := errors.Join(errs[:]...); err != nil {
		return c, errors.Join(repo.ErrDecode, err)
	}
	return c, c.images(image(r.Decode, before), image(r.Decode, after), func() error {
		_, err := r.Decode(c.Keys)
		return err
	})
}

// image defers decoding of an image, which may be nil.
func image[T any, I map[string]types.AttributeValue | []byte](decode func(I) (T, error), from I) func() (*T, error) {
	return func() (*T, error) {
		if len(from) == 0 {
			return nil, nil //nolint:nilnil // no image, no item
		}
		item, err := decode(from)
		if err != nil {
			return nil, err
		}
		return &item, nil
	}
}

// images sets Old and New. Of a change without images the keys tell whose it
// is.
func (c *Change[T]) images(before, after func() (*T, error), keys func() error) error {
	var errs [2]error
	c.Old, errs[0] = before()
	c.New, errs[1] = after()
	foreign := false
	for i, err := range errs {
		if isForeign(err) {
			foreign, errs[i] = true, nil
		}
	}
	if err := errors.Join(errs[:]...); err != nil {
		c.Old, c.New = nil, nil
		return err
	}
	if c.Old == nil && c.New == nil && (foreign || isForeign(keys())) {
		return errForeign
	}
	return nil
}

// isForeign reports whether an item is of another model.
func isForeign(err error) bool {
	return errors.Is(err, repo.ErrForeign) || errors.Is(err, repo.ErrNotFound)
}
