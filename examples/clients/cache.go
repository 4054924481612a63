package clients

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/repo"
)

type item = map[string]types.AttributeValue

// A cache keeps the answers of eventually consistent reads of one item.
type cache struct {
	next repo.Client
	keep time.Duration
	keys map[string][]string // names of the key attributes, by table

	mu     sync.Mutex
	kept   map[string]kept
	writes int // how many were made: a read that began before one is not kept
}

type kept struct {
	out   *dynamodb.GetItemOutput
	until time.Time
}

// Cached returns a client that answers a read of one item from memory for so long.
// What is written through it is forgotten; what others write is seen when the time is
// over. The answers are shared: fields that are bytes or attribute values must not be
// changed in place. Keys has the names of the key attributes of each table whose items are kept.
func Cached(next repo.Client, keep time.Duration, keys map[string][]string) repo.Client {
	c := &cache{next: next, keep: keep, keys: keys, kept: map[string]kept{}}
	return Around(c.wrap)
}

func (c *cache) wrap(ctx context.Context, in any, send func(context.Context, repo.Client) (any, error)) (any, error) {
	get, ok := in.(*dynamodb.GetItemInput)
	if !ok {
		written := c.written(in)
		defer c.forget(written) // whatever the answer says: it may have been done
		return send(ctx, c.next)
	}
	id, ok := c.id(aws.ToString(get.TableName), get.Key)
	if !ok || aws.ToBool(get.ConsistentRead) || get.ProjectionExpression != nil {
		return send(ctx, c.next)
	}
	c.mu.Lock()
	held, ok := c.kept[id]
	before := c.writes
	c.mu.Unlock()
	if ok && time.Now().Before(held.until) {
		return held.out, nil
	}
	out, err := send(ctx, c.next)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.writes == before {
		c.kept[id] = kept{out.(*dynamodb.GetItemOutput), time.Now().Add(c.keep)}
	}
	return out, nil
}

// forget forgets items by their ids.
func (c *cache) forget(ids []string) {
	if len(ids) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.writes++
	for _, id := range ids {
		delete(c.kept, id)
	}
}

// id names an item of a table of which m has at least the key; false if the table is
// not kept.
func (c *cache) id(table string, m item) (string, bool) {
	names, ok := c.keys[table]
	id := []byte(table)
	for _, name := range names {
		switch v := m[name].(type) {
		case *types.AttributeValueMemberS:
			id = fmt.Appendf(id, " S%q", v.Value)
		case *types.AttributeValueMemberN:
			id = fmt.Appendf(id, " N%q", v.Value)
		case *types.AttributeValueMemberB:
			id = fmt.Appendf(id, " B%q", v.Value)
		}
	}
	return string(id), ok
}

// written are the ids of the items that a request writes.
func (c *cache) written(in any) (ids []string) {
	add := func(table *string, m item) {
		if id, ok := c.id(aws.ToString(table), m); ok {
			ids = append(ids, id)
		}
	}
	switch in := in.(type) {
	case *dynamodb.PutItemInput:
		add(in.TableName, in.Item)
	case *dynamodb.UpdateItemInput:
		add(in.TableName, in.Key)
	case *dynamodb.DeleteItemInput:
		add(in.TableName, in.Key)
	case *dynamodb.BatchWriteItemInput:
		for table, writes := range in.RequestItems {
			for _, w := range writes {
				if w.PutRequest != nil {
					add(&table, w.PutRequest.Item)
				} else if w.DeleteRequest != nil {
					add(&table, w.DeleteRequest.Key)
				}
			}
		}
	case *dynamodb.TransactWriteItemsInput:
		for _, w := range in.TransactItems {
			switch {
			case w.Put != nil:
				add(w.Put.TableName, w.Put.Item)
			case w.Update != nil:
				add(w.Update.TableName, w.Update.Key)
			case w.Delete != nil:
				add(w.Delete.TableName, w.Delete.Key)
			}
		}
	}
	return ids
}
