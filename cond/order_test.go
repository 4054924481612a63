package cond_test

import (
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
)

// unsorted holds what is stored in a form that has no order.
type unsorted struct {
	At   time.Time   `dynamodbav:"at" dynarepo:"sdktime"`
	AtP  *time.Time  `dynamodbav:"at_p" dynarepo:"sdktime"`
	Ats  []time.Time `dynamodbav:"ats" dynarepo:"sdktime"`
	Text int         `dynamodbav:"text,string"`
	Big  *big.Int    `dynamodbav:"big"`
}

// An order that the stored form does not keep is refused, by the name of the
// attribute; existence and size are not its business, nor is equality but for
// times of which one instant has many texts (rule O2).
func TestNoOrderWhereNoneIsKept(t *testing.T) {
	t.Parallel()
	check := func(name string, conds, fine []cond.Cond[unsorted]) {
		for _, c := range conds {
			require.ErrorIs(t, c.Err(), cond.ErrAttr, name)
			assert.Contains(t, c.Err().Error(), "attribute "+name+": the form in which the attribute is stored keeps no order")
		}
		for _, c := range fine {
			require.NoError(t, c.Err(), name)
		}
	}
	at := cond.Field(func(u *unsorted) *time.Time { return &u.At })
	now := time.Now()
	check("at", []cond.Cond[unsorted]{at.Lt(now), at.Lte(now), at.Gt(now), at.Gte(now), at.Between(now, now)},
		[]cond.Cond[unsorted]{at.BeginsWith("2026-"), at.Exists(), at.Null(), at.Size().Lt(3)})
	byName := cond.Name[unsorted]("at_p")
	check("at_p", []cond.Cond[unsorted]{byName.Lt(now), byName.Between(now, now)}, []cond.Cond[unsorted]{byName.Eq(nil), byName.In(nil)})
	ats := cond.Field(func(u *unsorted) *[]time.Time { return &u.Ats })
	for _, c := range []cond.Cond[unsorted]{
		at.Eq(now), at.Ne(now), at.In(now), byName.Eq(now), ats.Contains(now), ats.NotContains(now), ats.Eq([]time.Time{now}), cond.Name[unsorted]("ats[0]").Eq(now),
	} {
		require.ErrorIs(t, c.Err(), cond.ErrAttr)
		require.ErrorContains(t, c.Err(), "an instant has many texts in the SDK's form of times")
	}
	text := cond.Field(func(u *unsorted) *int { return &u.Text })
	check("text", []cond.Cond[unsorted]{text.Lt(1), text.Between(1, 2)}, []cond.Cond[unsorted]{text.Eq(1)})
	number := cond.Field(func(u *unsorted) **big.Int { return &u.Big })
	check("big", []cond.Cond[unsorted]{number.Gt(big.NewInt(1))}, []cond.Cond[unsorted]{number.Eq(big.NewInt(1))})
}
