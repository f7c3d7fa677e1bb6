package retry

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func retry(ctx context.Context, ask func() bool) (int, error) {
	asked, pause := 1, time.Second
	for !ask() {
		select {
		case <-time.After(pause):
			pause *= 2
		case <-ctx.Done():
			return 0, ctx.Err()
		}
		asked++
	}
	return asked, nil
}

func TestRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()

		start := time.Now()
		asked, _ := retry(ctx, func() bool { return time.Since(start) > 10*time.Minute })
		t.Logf("asked %d times, in %v", asked, time.Since(start))

		_, err := retry(ctx, func() bool { return false })
		t.Logf("%v after %v", err, time.Since(start))
	})
}
