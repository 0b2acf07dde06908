// Whether a notebook is taken for changed, once all of the kernel is known that Lab notes in it.
export const isDirty = async () => {
  const { context } = window.jupyterapp.shell.currentWidget;
  await context.sessionContext.session.kernel.info;
  await new Promise((done) => { setTimeout(done); });
  return context.model.dirty;
};
