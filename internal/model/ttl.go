package model

import (
	"fmt"
	"reflect"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/values"
)

// latest is an end that no item is meant to have, in Unix seconds: the year 2200.
// One that is later is told in milliseconds, and would never come.
const latest = 7_258_118_400

// CheckEnd refuses a stored value as the end of items.
func (s *Stamps) CheckEnd(av types.AttributeValue) error {
	n, ok := av.(*types.AttributeValueMemberN)
	if !ok {
		return nil
	}
	if seconds, err := strconv.ParseFloat(n.Value, 64); err != nil || seconds < latest {
		return nil
	}
	return s.endless()
}

// late refuses an item that ends too late.
func (s *Stamps) late(v reflect.Value) error {
	if s.Ends == nil {
		return nil
	}
	fv, ok := s.Ends.Value(v)
	if !ok {
		return nil
	}
	end, isTime := fv.Interface().(time.Time)
	if isTime && end.Unix() < latest || !isTime && fv.Convert(int64Type).Int() < latest {
		return nil
	}
	return s.endless()
}

func (s *Stamps) endless() error {
	return fmt.Errorf("attribute %s: an end behind the year 2200: the time to live is in seconds, not milliseconds", s.Ends.Name)
}

// Hides reports whether expired items are kept out of reads.
func (s *Stamps) Hides() bool { return s.Ends != nil && s.ttl.Hide }

// Alive is the filter that hides what is expired at a time.
func (s *Stamps) Alive(now time.Time) expression.ConditionBuilder {
	name := expression.NameNoDotSplit(s.Ends.Name)
	return expression.Or(
		expression.Not(name.AttributeType(expression.Number)),
		name.LessThanEqual(expression.Value(0)),
		name.GreaterThan(expression.Value(now.Unix())),
	)
}

// Over is the condition that an item has expired at a time.
func (s *Stamps) Over(now time.Time) expression.ConditionBuilder { return expression.Not(s.Alive(now)) }

// Ended reports whether a stored item is to be hidden at a time.
func (s *Stamps) Ended(m values.Item, now time.Time) bool {
	if !s.Hides() {
		return false
	}
	n, ok := m[s.Ends.Name].(*types.AttributeValueMemberN)
	if !ok {
		return false
	}
	seconds, err := strconv.ParseFloat(n.Value, 64)
	return err == nil && seconds > 0 && seconds <= float64(now.Unix())
}

// Expired reports whether an item is to be hidden at a time.
func (t *Table) Expired(v reflect.Value, now time.Time) bool { return Over(t.EndOf(v), now) }

// EndOf returns the Unix seconds from which an item is to be hidden; 0 or less
// is never.
func (t *Table) EndOf(v reflect.Value) int64 {
	if !t.Stamps.Hides() {
		return 0
	}
	own, v, err := t.Of(v)
	if err != nil {
		return 0
	}
	fv, ok := own.Stamps.Ends.Value(v)
	if !ok {
		return 0
	}
	if end, ok := fv.Interface().(time.Time); ok {
		return end.Unix()
	}
	return fv.Convert(int64Type).Int()
}

// Over reports whether an end, in Unix seconds, has come.
func Over(end int64, now time.Time) bool { return end > 0 && end <= now.Unix() }
