// Asking before something is done.

import { h, patch } from './dom.js';
import { button } from './widgets.js';

/** True where the answer is yes. The browser holds the focus inside, and Escape is a no. */
export function ask({ title, body, yes, disabled = false }) {
  const dialog = document.createElement('dialog');
  dialog.setAttribute('aria-labelledby', 'dialog-title');
  patch(dialog, [
    h('h2', { id: 'dialog-title' }, title),
    h('div', { class: 'dialog-body' }, body),
    h(
      'div',
      { class: 'dialog-foot' },
      button('Cancel', () => dialog.close('')),
      button(yes, () => dialog.close('yes'), { kind: 'primary', disabled }),
    ),
  ]);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    });
  });
}
