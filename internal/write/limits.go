package write

// MaxOps is how many operations a transaction has at most. What is written into the
// body of a request is bounded by the same number, in internal/wire.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
const MaxOps = 100

// maxTransactBytes is what the items of a TransactWriteItems may have.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
const maxTransactBytes = 4 << 20
