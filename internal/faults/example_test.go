package faults_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/faults"
)

// Each request is throttled, so the SDK gives up after three attempts.
func Example() {
	tr := faults.New(nil)
	injection := tr.On("GetItem").Do(faults.Throttle())

	_, err := client(tr).GetItem(context.Background(), getItem())

	_, throttled := errors.AsType[*types.ProvisionedThroughputExceededException](err)
	fmt.Println("throttled:", throttled)
	fmt.Println("calls:", tr.Calls("GetItem"), "requests:", tr.Count("GetItem"), "struck:", injection.Struck())
	// Output:
	// throttled: true
	// calls: 1 requests: 3 struck: 3
}

// A transaction of two is cancelled once, for a conflict of its second item.
func ExampleConflict() {
	tr := faults.New(nil)
	tr.On("TransactWriteItems").Times(1).Do(faults.Conflict(1))

	_, err := client(tr).TransactWriteItems(context.Background(), transaction(2))

	if cancelled, ok := errors.AsType[*types.TransactionCanceledException](err); ok {
		for i, reason := range cancelled.CancellationReasons {
			fmt.Println(i, *reason.Code)
		}
	}
	// Output:
	// 0 None
	// 1 TransactionConflict
}
