// What Streamlit gets inline: the control itself is a file of its own, which the browser keeps.
export default function (component) {
  const control = import(component.data.script);
  const failed = () => {
    const error = component.parentElement.querySelector(".error");
    error.textContent = "The upload could not be loaded. Reload the page.";
    error.hidden = false;
  };
  control.then((made) => made.show(component), failed);
  return () => control.then((made) => made.leave(component.parentElement), () => undefined);
}
