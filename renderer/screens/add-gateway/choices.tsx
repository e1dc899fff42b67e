import css from './add-gateway.module.css'

/** One of a few, each with a line that helps to choose. */
export function Choices<Value extends string>(props: {
  legend: string
  name: string
  value: Value
  options: readonly { value: Value; title: string; text: string }[]
  onChange(value: Value): void
}) {
  return (
    <fieldset className={css.choices}>
      <legend>{props.legend}</legend>
      {props.options.map((option) => (
        // oxlint-disable-next-line jsx-a11y/label-has-associated-control -- the title is its text
        <label key={option.value} data-chosen={option.value === props.value || undefined}>
          <input
            type="radio"
            name={props.name}
            checked={option.value === props.value}
            onChange={() => props.onChange(option.value)}
          />
          <span>
            <span className="strong">{option.title}</span>
            <span className={css.advice}>{option.text}</span>
          </span>
        </label>
      ))}
    </fieldset>
  )
}
