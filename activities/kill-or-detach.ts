import { Context } from '@temporalio/activity';

/** Aborts with `kill` when somebody wants what runs here ended, with `detach` when only this worker or server goes. */
export function killOrDetach(): AbortSignal {
  const controller = new AbortController();
  const context = Context.current();
  context.cancelled.catch(() => {
    const details = context.cancellationDetails;
    const kill = details?.cancelRequested === true || details?.reset === true;
    controller.abort(kill ? 'kill' : 'detach');
  });
  return controller.signal;
}
